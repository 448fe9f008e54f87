"""What is printed. A document is a value that knows all it shows; rendering it gives bytes and touches no disk."""
