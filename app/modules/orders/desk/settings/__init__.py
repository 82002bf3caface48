"""Pages of what staff set up."""
