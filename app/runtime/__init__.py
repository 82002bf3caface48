"""The processes of a running shop: those that answer, the one that carries the bus, and their threads."""
