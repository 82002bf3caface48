"""The ways in which the domain says no. Each carries a stable code and a sentence a person can act on."""

from collections.abc import Mapping


class Refused(Exception):
    """A request that the rules do not allow; `more` travels beside the sentence (e.g. what is short)."""

    def __init__(self, code: str, sentence: str, more: Mapping[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.more = dict(more or {})


class NotFound(Refused):
    """There is no such thing, or it is not the caller's to see."""


class Conflict(Refused):
    """It cannot be done in the state that things are in."""


class Invalid(Refused):
    """It makes no sense as it was asked."""


class Forbidden(Refused):
    """The caller is known and may not."""


class Unauthorized(Refused):
    """The caller is not known."""


class Unavailable(Refused):
    """Something this needs is away; the same request may succeed later."""


class PreconditionFailed(Refused):
    """The change was made from a version that is no longer the one there is."""


class Declined(Refused):
    """The bank said no."""


class Stale(Exception):
    """Someone else wrote first: roll back and repeat. Never shown to a client while repeating helps."""
