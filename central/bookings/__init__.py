"""Bookings: holds, bookings and their tickets, cancellation."""
