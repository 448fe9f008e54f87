"""Questions of customers to the house."""
