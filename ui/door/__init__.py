"""Door: one enormous verdict, the last scans, who is in. Made to be read in a third of a second in the dark."""
