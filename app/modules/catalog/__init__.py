"""catalog owns products, their variants and prices, and the stock: the units on hand, held and sold.

It publishes offers, stock levels and what happened to the stock of an order. It consumes the events of orders, and
holds, sells, releases or takes back their stock.
"""
