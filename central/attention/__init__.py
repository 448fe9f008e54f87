"""What central could not take as it was, and what happened twice: each with its money, its people and its ways out."""
