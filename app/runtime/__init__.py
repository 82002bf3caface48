"""The processes of a running shop: those that answer requests, the one that runs the bus, and their threads."""
