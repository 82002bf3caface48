"""The version that a change was made from."""

from dataclasses import dataclass

from app.kernel.errors import PreconditionFailed


@dataclass(frozen=True)
class Expected:
    """Any of these versions; checked on the very object that is changed, so that its UPDATE carries the same one."""

    versions: frozenset[int]

    def check(self, version: int) -> None:
        """Raises PreconditionFailed(stale_version)."""
        if version not in self.versions:
            raise PreconditionFailed("stale_version", "it was changed since you have read it: read it again")
