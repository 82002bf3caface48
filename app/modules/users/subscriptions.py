"""users listens to no other module."""

from app.bus.consumer import Subscriptions

SUBSCRIPTIONS: Subscriptions = {}
