"""Work for later: jobs that people and the house submit, promoted when due, run by workers until they are done."""
