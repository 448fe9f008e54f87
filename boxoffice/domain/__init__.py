"""Values and rules of a box office, pure: no clock, no disk, no network, no window."""
