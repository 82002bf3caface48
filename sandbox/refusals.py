"""What the API answers when it does not do as asked, in Stripe's shape."""

from typing import Any

Record = dict[str, Any]  # one API object, as it is in JSON


class Refused(Exception):
    """An error answer. `kept` says whether its Idempotency-Key remembers it: not if validation failed first."""

    def __init__(
        self, status: int, kind: str, message: str, *, code: str | None = None, kept: bool = True, **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        self.body: Record = {"error": {**error_fields(code), "message": message, **more, "type": kind}}


def error_fields(code: str | None) -> Record:
    """The code and where Stripe explains it; nothing for the errors that have no code."""
    return {"code": code, "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}"} if code else {}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Refused:
    """A parameter that never gets as far as being carried out, so the key is free to be used again."""
    named = {"param": param} if param else {}
    return Refused(400, "invalid_request_error", message, code=code, kept=False, **named)


def missing(kind: str, identity: str, param: str, *, status: int = 404) -> Refused:
    """There is no such object: 404 for the one in the path, 400 for one that a parameter names."""
    message = f"No such {kind}: '{identity}'"
    return Refused(status, "invalid_request_error", message, code="resource_missing", param=param)


def unexpected_state(intent: Record, message: str) -> Refused:
    """The intent's status does not allow this; the intent as it is comes along."""
    return Refused(400, "invalid_request_error", message, code="payment_intent_unexpected_state", payment_intent=intent)


def declined(intent: Record) -> Refused:
    """The bank said no: what the intent now holds as last_payment_error, and the intent itself."""
    error = dict(intent["last_payment_error"])
    kind, message, code = error.pop("type"), error.pop("message"), error.pop("code")
    return Refused(402, kind, message, code=code, **{**error, "payment_intent": intent})


def unauthorized(message: str) -> Refused:
    """No key, or none that a sandbox should take."""
    return Refused(401, "invalid_request_error", message, kept=False)


def broken() -> Refused:
    """A 500."""
    return Refused(500, "api_error", "An unknown error occurred", kept=False)
