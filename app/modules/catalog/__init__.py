"""catalog owns products, their variants and prices, and the stock: what is on hand, held and sold.

It says offers, stock levels and what became of an order's stock; it hears orders, and holds, sells and gives back.
"""
