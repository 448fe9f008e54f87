"""Payments: gateways behind one port, the transaction log, reconciliation."""
