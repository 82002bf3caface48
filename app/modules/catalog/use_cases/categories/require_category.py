"""Check that a category exists."""

from app.kernel.errors import Invalid, NotFound
from app.modules.catalog.ports.unit_of_work import UnitOfWork


def require_category(uow: UnitOfWork, slug: str | None) -> None:
    """Check that a category exists, and prevent its removal until this transaction ends.

    Raises Invalid(unknown_category).
    """
    if slug is None:
        return
    try:
        uow.categories.lock_shared(slug)
    except NotFound:
        raise Invalid("unknown_category", f"there is no category {slug}: add it first, or choose another") from None
