"""Notifications: what was written to people goes out by e-mail or SMS, and other systems are told of events."""
