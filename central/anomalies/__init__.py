"""What goes wrong while nobody looks: figures of the house, rules over them, and who is told."""
