"""The caller of an operation."""

from app.web.auth import identity


def caller() -> str:
    """The signed-in caller, as user:<id>, for the trail of operations."""
    return f"user:{identity().user_id}"
