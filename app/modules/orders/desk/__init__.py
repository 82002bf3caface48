"""The pages of orders for staff: what came in, one order with all that happened to it, packing, shipping settings."""
