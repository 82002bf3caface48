"""The version that an edit is based on: a form names it, as If-Match does in the API."""

from app.desk.forms import Input, Sent
from app.kernel.expected import Expected
from app.web.schemas import QueryInteger

VERSION = Input("version", "Version", QueryInteger(required=True), "hidden")


def expected(sent: Sent) -> Expected:
    """The version that the page of this form showed."""
    return Expected(frozenset({sent.values["version"]}))
