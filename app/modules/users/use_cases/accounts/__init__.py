"""Opening accounts, changing them and their access."""
