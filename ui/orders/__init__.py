"""Orders: find one, see everything that happened to it, print it again, give the money back."""
