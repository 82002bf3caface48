"""Who does something by hand."""

from app.web.auth import identity


def caller() -> str:
    """Who asks, for the trail."""
    return f"user:{identity().user_id}"
