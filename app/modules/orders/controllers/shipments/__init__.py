"""Routes of shipments."""
