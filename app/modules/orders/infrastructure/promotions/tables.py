"""The tables of promotions: their settings, coupons and counters, and what each order got."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)

from app.kernel.database import Name, UtcDateTime
from app.modules.orders.domain.promotions.promotion import Combines, Kind
from app.modules.orders.domain.promotions.stored import Redemption
from app.modules.orders.infrastructure.tax.tables import metadata as metadata

promotions = Table(
    "promotions",
    metadata,
    Column("id", String(100), primary_key=True),  # chosen by staff; orders have it
    Column("name", String(200), nullable=False),
    Column("kind", Name(Kind), nullable=False),
    Column("rule", Text, nullable=False),  # JSON: nothing looks for a part of it
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("priority", Integer, nullable=False),
    Column("combines", Name(Combines), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("total_limit", Integer),  # null, as the other limits: none, and then nothing is counted
    Column("per_customer_limit", Integer),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("promotions_in_force", "automatic", "active"),
    CheckConstraint("0 <= used AND used <= total_limit", name="promotion_within_its_limit"),
)

coupons = Table(
    "coupons",
    metadata,
    Column("code", String(40), primary_key=True),  # as it is compared
    Column("shown", String(40), nullable=False),  # as staff have written it
    Column("promotion_id", String(100), nullable=False),
    Column("use_limit", Integer),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("active", Boolean, nullable=False),
    Index("coupons_of_promotion", "promotion_id", "code"),
    CheckConstraint("0 <= used AND used <= use_limit", name="coupon_within_its_limit"),
)

uses = Table(  # of promotions with a limit for each customer
    "uses",
    metadata,
    Column("promotion_id", String(100), primary_key=True),
    Column("customer_id", Uuid, primary_key=True),
    Column("used", Integer, nullable=False),
    CheckConstraint("used >= 0", name="uses_are_counted"),
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("promotion_id", String(100), primary_key=True),
    Column("code", String(40)),
    Column("customer_id", Uuid, nullable=False),
    Column("state", Name(Redemption), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("redemptions_of_promotion", "promotion_id", "customer_id"),
    Index("redemptions_of_code", "code"),
)

discounts = Table(  # as they were when the order was placed
    "discounts",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("promotion_id", String(100), primary_key=True),
    Column("target", String(110), primary_key=True),  # line:SKU, or shipping
    Column("name", String(200), nullable=False),
    Column("code", String(40)),
    Column("amount", BigInteger, nullable=False),
    Column("base", BigInteger, nullable=False),
    CheckConstraint("0 < amount AND amount <= base", name="a_discount_is_of_its_base"),
)
