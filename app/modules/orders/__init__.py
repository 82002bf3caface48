"""orders owns carts and orders, and the life cycle of an order: every deadline and every compensation.

It publishes what happens to an order. It consumes offers from catalog, and the results of reserving stock (catalog) and
of charging and refunding money (payments).
"""
