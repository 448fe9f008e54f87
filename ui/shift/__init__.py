"""Shift: open with a float, move cash in and out, count blind, close."""
