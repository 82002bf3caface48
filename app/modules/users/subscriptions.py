"""users listens to no other module."""

from app.bus.subscription import Subscriptions

SUBSCRIPTIONS: Subscriptions = {}
