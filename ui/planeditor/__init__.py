"""Draw seating plans: for managers."""
