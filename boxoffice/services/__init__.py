"""Use cases of the till. Each owns its transactions and may wait on disk or network: never on the UI thread."""
