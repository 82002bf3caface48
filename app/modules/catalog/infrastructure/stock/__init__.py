"""The counters of stock, the ledger beside them, and what holds the two together."""
