"""The shop's policies for all orders."""
