"""Ways to move bytes from one module's outbox to the others' consumers."""
