"""An order's life, from its placing on."""
