"""The demo: a central with invented venues as a child process on loopback, and a till paired with it."""
