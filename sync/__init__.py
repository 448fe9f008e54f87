"""The till's side of the sync protocol: a core without I/O, a client, and the thread that joins them."""
