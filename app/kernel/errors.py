"""The refusals of the domain. Each has a stable code and a sentence that a person can act on."""

from collections.abc import Mapping


class Refused(Exception):
    """A request that the rules do not allow. `more`: more fields of the response, such as the skus that are short."""

    def __init__(self, code: str, sentence: str, more: Mapping[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.more = dict(more or {})


class NotFound(Refused):
    """It does not exist, or the caller may not see it."""


class Conflict(Refused):
    """It is not possible in the current state."""


class Invalid(Refused):
    """The request is well-formed, but its values are not valid."""


class Forbidden(Refused):
    """The caller is authenticated, but not allowed to do this."""


class Unauthorized(Refused):
    """The caller is not authenticated."""


class Unavailable(Refused):
    """A service that this requires is unavailable; the same request may succeed later."""


class PreconditionFailed(Refused):
    """The change is based on a version that is no longer the current one."""


class Declined(Refused):
    """The bank declined the payment."""


class Stale(Exception):
    """Another transaction wrote first: roll back and repeat. A client gets an error only if repeating did not help."""
