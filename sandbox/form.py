"""Form-encoded bodies and query strings with Stripe's bracket nesting."""

import re
from urllib.parse import parse_qsl

from .refusals import Record, invalid

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decoded(text: bytes) -> list[tuple[str, str]]:
    """Decode the pairs. Raises Refused if the text is not a form in UTF-8."""
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise invalid(f"The request's parameters cannot be read: {error}") from None


def nested(pairs: list[tuple[str, str]]) -> Record:
    """Nest `a[b][0]=c` as {"a": {"b": {"0": "c"}}}. Lists are dicts by index here; the parameter's type converts
    them.
    """
    tree: Record = {}
    for name, value in pairs:
        parts = NAME.fullmatch(name)
        if parts is None:
            raise invalid(f"Invalid parameter name: {name}")
        _put(tree, [parts[1], *re.findall(r"\[([^\[\]]*)\]", parts[2])], value, name)
    return tree


def _put(tree: Record, path: list[str], value: str, name: str) -> None:
    *parents, last = path
    for step in parents:
        tree = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise invalid(f"Invalid parameter: {name} is given as a value and as a hash")
    tree[last or str(len(tree))] = value
