"""Stock: receiving, holding, selling and returning it, and auditing its counters."""
