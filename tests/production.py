"""What production asks for, as a shop of somebody's own might have it."""

from pathlib import Path

PRODUCTION = {
    "QUARTET_ENV": "production",
    "SIGNING_KEY_SECRET": "mF3x-wLq8ZtYb2RkVn6PcJd9HsGa4EuT",
    "STRIPE_API_KEY": "sk_live_51Qv8RkWnZtYb2mF3xPcJd9HsGa4EuT",
    "STRIPE_WEBHOOK_SECRETS": "whsec_Yb2RkVn6PcJd9HsGa4EuTmF3xwLq8Zt",
}


def production_in(folder: Path) -> dict[str, str]:
    """With an SQLite file for each module, asked for by name."""
    files = {f"{name.upper()}_DATABASE_URL": f"sqlite:///{folder}/{name}.sqlite" for name in MODULES}
    return {**PRODUCTION, **files, "QUARTET_DATA": str(folder)}


MODULES = ("catalog", "orders", "users", "payments")
