"""A product's category must be one of ours."""

from app.kernel.errors import Invalid, NotFound
from app.modules.catalog.ports.work import Work


def known_category(work: Work, slug: str | None) -> None:
    """It stays until this transaction ends. Raises Invalid(unknown_category)."""
    if slug is None:
        return
    try:
        work.categories.hold(slug)
    except NotFound:
        raise Invalid("unknown_category", f"there is no category {slug}: add it first, or choose another") from None
