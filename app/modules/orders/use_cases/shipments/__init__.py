"""Shipments: packing, dispatching and unpacking the units of orders, and what becomes of them on their way."""
