"""What production asks for, as a shop of somebody's own might have it."""

from pathlib import Path

PRODUCTION = {
    "QUARTET_ENV": "production",
    "SIGNING_KEY_SECRET": "mF3x-wLq8ZtYb2RkVn6PcJd9HsGa4EuT",
    "ROOT_PRIVATE_KEY": "WPF99IRk858gQuPJPIK6PW9M4l4UV5PM0f5JXKCMFmM=",
    "ROOT_PUBLIC_KEYS": "_qrFwvjRKUc4VvQUygu152wpUrEibX1d3IwUYfGXJl0=",
    "STRIPE_API_KEY": "sk_live_51Qv8RkWnZtYb2mF3xPcJd9HsGa4EuT",
    "STRIPE_WEBHOOK_SECRETS": "whsec_Yb2RkVn6PcJd9HsGa4EuTmF3xwLq8Zt",
}


def production_in(folder: Path) -> dict[str, str]:
    """With an SQLite file for each module, asked for by name."""
    files = {f"{name.upper()}_DATABASE_URL": f"sqlite:///{folder}/{name}.sqlite" for name in MODULES}
    return {**PRODUCTION, **files, "QUARTET_DATA": str(folder)}


MODULES = ("catalog", "orders", "users", "payments")
