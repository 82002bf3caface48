"""payments owns money: payment intents at Stripe, their authorisation, capture, voiding and refunds.

It says how an order's money went; it hears from orders what is wanted of it.
"""
