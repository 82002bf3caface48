"""The menu of the desk, and what its search asks. A module adds the addresses of its pages here; a test opens each."""

import re
from typing import NamedTuple


class Entry(NamedTuple):
    label: str
    url: str
    role: str = "staff"


NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Sales",
        (
            Entry("Home", "/desk/orders/home"),
            Entry("Orders", "/desk/orders"),
            Entry("To pack", "/desk/orders/to-pack"),
            Entry("Payments", "/desk/payments"),
            Entry("Documents", "/desk/orders/documents"),
            Entry("Customers", "/desk/users"),
        ),
    ),
    (
        "Catalogue",
        (
            Entry("Products", "/desk/catalog"),
            Entry("Categories", "/desk/catalog/categories"),
            Entry("Promotions", "/desk/orders/promotions"),
        ),
    ),
    (
        "Settings",
        (
            Entry("Shipping", "/desk/orders/shipping"),
            Entry("Tax", "/desk/orders/tax"),
        ),
    ),
    (
        "Health",
        (
            Entry("Modules", "/desk/orders/health"),
            Entry("Stuck orders", "/desk/orders/stuck"),
        ),
    ),
)

ORDER_NUMBER = re.compile(r"[0-9]{6}-[0-9]{1,18}")
SEARCHED: tuple[tuple[str, str, re.Pattern[str] | None], ...] = (  # the module, its title, what only it can have
    ("orders", "Orders", ORDER_NUMBER),
    ("users", "Customers", None),
    ("catalog", "Products", None),
)
