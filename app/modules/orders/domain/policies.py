"""The shop's policies for all orders."""

from dataclasses import dataclass

from app.modules.orders.domain.caps import Caps
from app.modules.orders.domain.document import DocumentPolicy
from app.modules.orders.domain.order import PaymentWindow


@dataclass(frozen=True)
class Policies:
    payment_window: PaymentWindow
    caps: Caps
    documents: DocumentPolicy
