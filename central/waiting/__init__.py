"""Waiting lists of events that are sold out: joining, offers in order of joining, and how an entry ends."""
