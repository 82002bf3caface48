"""Form-encoded bodies and query strings with Stripe's bracket nesting."""

import re
from urllib.parse import parse_qsl

from .refusals import Record, invalid

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decoded(text: bytes) -> list[tuple[str, str]]:
    """The pairs as they were sent. Raises Refused if they are not UTF-8 forms."""
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise invalid(f"The request's parameters cannot be read: {error}") from None


def nested(pairs: list[tuple[str, str]]) -> Record:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}: lists stay numbered here, their parameter knows that it is one."""
    tree: Record = {}
    for name, value in pairs:
        parts = NAME.fullmatch(name)
        if parts is None:
            raise invalid(f"Invalid parameter name: {name}")
        _put(tree, [parts[1], *re.findall(r"\[([^\[\]]*)\]", parts[2])], value, name)
    return tree


def _put(tree: Record, path: list[str], value: str, name: str) -> None:
    *way, last = path
    for step in way:
        tree = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise invalid(f"Invalid parameter: {name} is given as a value and as a hash")
    tree[last or str(len(tree))] = value
