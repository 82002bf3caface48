"""The shop's policies for all orders."""

from dataclasses import dataclass

from app.modules.orders.domain.caps import Caps
from app.modules.orders.domain.capture import AtHoldEnd, Capture
from app.modules.orders.domain.order import PaymentWindow


@dataclass(frozen=True)
class Policies:
    payment_window: PaymentWindow
    caps: Caps
    capture: Capture = Capture.NOW
    at_hold_end: AtHoldEnd | None = None  # None: only people are alerted
