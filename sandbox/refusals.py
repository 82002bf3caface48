"""Error answers in Stripe's shape."""

from typing import Any

Record = dict[str, Any]  # one API object, as it is in JSON


class Refused(Exception):
    """An error answer. `stored`: whether it is stored under its Idempotency-Key: not if validation failed."""

    def __init__(
        self, status: int, kind: str, message: str, *, code: str | None = None, stored: bool = True, **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.stored = stored
        self.body: Record = {"error": {**error_fields(code), "message": message, **more, "type": kind}}


def error_fields(code: str | None) -> Record:
    """Return the code and the URL that explains it; nothing for an error without a code."""
    return {"code": code, "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}"} if code else {}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Refused:
    """A parameter is invalid. The call is not carried out, so its idempotency key can be used again."""
    named = {"param": param} if param else {}
    return Refused(400, "invalid_request_error", message, code=code, stored=False, **named)


def missing(kind: str, identity: str, param: str, *, status: int = 404) -> Refused:
    """There is no such object: 404 if the path names it, 400 if a parameter does."""
    message = f"No such {kind}: '{identity}'"
    return Refused(status, "invalid_request_error", message, code="resource_missing", param=param)


def unexpected_state(intent: Record, message: str) -> Refused:
    """The intent's status does not allow the call; the answer contains the intent."""
    return Refused(400, "invalid_request_error", message, code="payment_intent_unexpected_state", payment_intent=intent)


def declined(intent: Record) -> Refused:
    """The bank declined: the answer contains the intent's last_payment_error and the intent."""
    error = dict(intent["last_payment_error"])
    kind, message, code = error.pop("type"), error.pop("message"), error.pop("code")
    return Refused(402, kind, message, code=code, **{**error, "payment_intent": intent})


def unauthorized(message: str) -> Refused:
    """The API key is missing, or is not a test key."""
    return Refused(401, "invalid_request_error", message, stored=False)


def broken() -> Refused:
    """A server error."""
    return Refused(500, "api_error", "An unknown error occurred", stored=False)
