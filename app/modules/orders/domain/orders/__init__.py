"""An order, and what becomes of it."""
