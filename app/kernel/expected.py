"""The version on which a change is based."""

from dataclasses import dataclass

from app.kernel.errors import PreconditionFailed


@dataclass(frozen=True)
class Expected:
    """The versions that a change may be based on (If-Match).

    They are checked on the object that is changed, so that its UPDATE is conditional on the same version.
    """

    versions: frozenset[int]

    def check(self, version: int) -> None:
        """Raises PreconditionFailed(stale_version)."""
        if version not in self.versions:
            raise PreconditionFailed("stale_version", "it has changed since you read it: read it again")
