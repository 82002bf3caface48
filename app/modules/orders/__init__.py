"""orders owns carts, orders and their lives: every deadline and every compensation.

It says what happens to an order; it hears offers from catalog, and from catalog and payments how stock and money went.
"""
