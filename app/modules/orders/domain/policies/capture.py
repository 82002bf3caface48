"""When an order's money is taken: once it is confirmed, or only when its first goods leave, while the bank holds it."""

from datetime import timedelta
from enum import StrEnum


class Capture(StrEnum):
    """When the payment of an order is captured."""

    NOW = "now"  # as soon as it is confirmed
    LATER = "later"  # when its first shipment is dispatched
    REQUESTED = "requested"  # it was to be later, and has been requested by now


class AtHoldEnd(StrEnum):
    """What becomes of an order of which nothing has left when the bank is about to release its money."""

    CAPTURE = "capture"
    CANCEL = "cancel"


ALERT_BEFORE = timedelta(hours=48)  # people are alerted so long before a hold ends
ACT_BEFORE = timedelta(hours=2)
# What is assumed where payments does not report the end: the shortest hold of the card brands that Stripe documents.
UNREPORTED_HOLD = timedelta(days=4, hours=18)
