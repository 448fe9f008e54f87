"""Reports: today at a glance, for the manager who wants the answer and not the data."""
