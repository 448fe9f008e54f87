"""Who is at the counter: staff tiles and a PIN pad; and, at the first start, pairing the till with its central."""
