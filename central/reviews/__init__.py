"""Reviews by those who were there."""
