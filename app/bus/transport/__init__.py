"""Transports: they move messages from the outbox of one module to the consumers of the others."""
