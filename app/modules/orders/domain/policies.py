"""What the shop has decided about all orders."""

from dataclasses import dataclass

from app.modules.orders.domain.caps import Caps
from app.modules.orders.domain.order import PaymentWindow


@dataclass(frozen=True)
class Policies:
    """How long an order may wait for its payment, and how much a customer may hold unpaid."""

    payment_window: PaymentWindow
    caps: Caps
