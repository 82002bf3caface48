"""Routes of the address book."""
