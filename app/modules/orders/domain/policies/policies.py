"""The shop's policies for all orders."""

from dataclasses import dataclass, field
from datetime import timedelta

from app.modules.orders.domain.documents.document import DocumentPolicy
from app.modules.orders.domain.orders.order import PaymentWindow
from app.modules.orders.domain.policies.caps import Caps
from app.modules.orders.domain.policies.capture import AtHoldEnd, Capture
from app.modules.orders.domain.promotions.stored import Redemption
from app.modules.orders.domain.tax.rules import TaxPolicy


@dataclass(frozen=True)
class Policies:
    payment_window: PaymentWindow
    caps: Caps
    documents: DocumentPolicy
    tax: TaxPolicy = field(default_factory=TaxPolicy)
    capture: Capture = Capture.NOW
    at_hold_end: AtHoldEnd | None = None  # None: only people are alerted
    uses_after_refund: Redemption = Redemption.SPENT  # of an order of which nothing was dispatched
    timeline_retention: timedelta | None = None  # None: it is kept
