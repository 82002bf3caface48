"""users subscribes to no other module."""

from app.bus.subscription import Subscriptions

SUBSCRIPTIONS: Subscriptions = {}
