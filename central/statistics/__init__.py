"""What was sold and what it came to, for managers."""
