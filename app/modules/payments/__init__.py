"""The payments module owns money: payment intents at Stripe, their authorisation, capture, cancellation and refunds.

It publishes events about the payment of each order, and consumes the events of orders to learn which state it needs.
"""
