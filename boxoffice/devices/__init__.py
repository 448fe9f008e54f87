"""What stands on the counter: printers, a cash drawer, a card terminal, a scanner. Every call may block."""
