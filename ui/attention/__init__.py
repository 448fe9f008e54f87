"""Attention: what waits for a person, each with its money, its customer and its ways out."""
