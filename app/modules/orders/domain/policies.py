"""The shop's policies for all orders."""

from dataclasses import dataclass, field

from app.modules.orders.domain.caps import Caps
from app.modules.orders.domain.document import DocumentPolicy
from app.modules.orders.domain.order import PaymentWindow
from app.modules.orders.domain.tax.rules import TaxPolicy


@dataclass(frozen=True)
class Policies:
    payment_window: PaymentWindow
    caps: Caps
    documents: DocumentPolicy
    tax: TaxPolicy = field(default_factory=TaxPolicy)
