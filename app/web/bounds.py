"""Limits of a JSON body, derived from the schema of its route and checked before the schema loads the body.

Refusing a body must not cost more than accepting one. First the raw text is checked: its depth and the number of its
values, by counting the characters between its strings. Then the parsed data: the length of each list, name and text
that the schema has, and the number of names that it does not have. What remains for the schema to load is at most a few
times as much as it allows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields, validate
from werkzeug.exceptions import BadRequest, UnprocessableEntity

MAX_ERRORS = 20  # errors reported for one request
MAX_TEXT_LENGTH = 200  # characters, where the field declares no limit
MAX_LIST_LENGTH = 100  # items and names, where the field declares no limit
SLACK = 100  # values, and a tenth of it in depth: a body slightly over a limit gets an error that names the field
BRACKETS = b"[]{}"
NO_BRACKETS = bytes(each for each in range(256) if each not in BRACKETS)

Messages = dict[Any, Any]


@dataclass(frozen=True)
class Room:
    """The maximum that a body of a schema may contain: number of values (not counting names), and depth of nesting."""

    values: int
    depth: int


def look_at_text(body: bytes, schema: marshmallow.Schema) -> None:
    """Check the raw body. Raises BadRequest if nested too deeply, UnprocessableEntity if it has too many values."""
    room = room_of(type(schema))
    maximum, deepest = 2 * room.values + SLACK, room.depth + SLACK // 10
    opened = body.count(b"[") + body.count(b"{")
    if opened <= deepest and opened + body.count(b",") <= maximum:
        return
    *parts, rest = (
        body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"', 4 * maximum)
    )  # four quotes for each value: around its name and around its text
    between = b"".join(parts[::2])
    between += b"" if b'"' in rest else rest
    depth = 0
    for bracket in between.translate(None, NO_BRACKETS)[: 2 * maximum]:
        depth += 1 if bracket in b"[{" else -1
        if depth > deepest:
            raise BadRequest
    if b'"' in rest or sum(map(between.count, (b"[", b"{", b","))) > maximum:
        raise refused({"_schema": [f"More than {maximum} values."]})


def look_at_sizes(data: Any, schema: marshmallow.Schema) -> None:
    """Check the parsed body. Raises UnprocessableEntity for lists, texts and names that are too long or too many."""
    if messages := _too_large(data, schema):
        raise refused(messages)


def refused(messages: Messages, location: str = "json") -> UnprocessableEntity:
    """An error in the shape that webargs raises."""
    error = UnprocessableEntity()
    error.data = {"messages": {location: messages}}  # type: ignore[attr-defined]
    return error


@cache
def room_of(schema: type[marshmallow.Schema]) -> Room:
    """The maximum that an object of this schema may contain."""
    inner = [_room(field) for field in schema().load_fields.values()]
    return Room(1 + sum(each.values for each in inner), 1 + max((each.depth for each in inner), default=0))


def max_length(field: fields.Field[Any]) -> int:
    """The maximum of items, names or characters that a field accepts."""
    limits = [each.max for each in field.validators if isinstance(each, validate.Length) and each.max is not None]
    return min(limits, default=MAX_TEXT_LENGTH if isinstance(field, fields.String) else MAX_LIST_LENGTH)


def _room(field: fields.Field[Any]) -> Room:
    if isinstance(field, fields.Nested):
        return room_of(type(field.schema))
    if isinstance(field, fields.List | fields.Dict):
        item = field.inner if isinstance(field, fields.List) else field.value_field
        inner = _room(item) if item is not None else Room(1, 0)
        return Room(1 + max_length(field) * inner.values, 1 + inner.depth)
    return Room(1, 0)


def _too_large(data: Any, schema: marshmallow.Schema) -> Messages:
    if not isinstance(data, Mapping):
        return {}
    known = {field.data_key or name: field for name, field in schema.load_fields.items()}
    unknown = [name for name in islice(data, len(known) + MAX_ERRORS) if name not in known]
    if len(unknown) >= MAX_ERRORS:
        return {name: ["Unknown field."] for name in unknown[:MAX_ERRORS]}
    errors = ((name, _of_field(data[name], field)) for name, field in known.items() if name in data)
    return {name: wrong for name, wrong in errors if wrong}


def _of_field(value: Any, field: fields.Field[Any]) -> Messages | list[str]:
    if isinstance(value, str):
        if len(value) <= SLACK:
            return []
        maximum = max_length(field)
        return (
            [f"Longer than maximum length {maximum}."] if len(value) > 2 * maximum + SLACK else []
        )  # twice the limit, because surrounding blanks are removed later
    if isinstance(value, Mapping) and isinstance(field, fields.Nested):
        return _too_large(value, field.schema)
    if isinstance(value, list | dict) and isinstance(field, fields.List | fields.Dict):
        return _length(value, field) or dict(_of_items(value, field))
    return []


def _length(value: list[Any] | dict[str, Any], field: fields.Field[Any]) -> list[str]:
    try:
        for each in field.validators:
            if isinstance(each, validate.Length):
                each(value)
    except ValidationError as error:
        return [str(each) for each in error.messages]
    return [] if len(value) <= max_length(field) else [f"Longer than maximum length {max_length(field)}."]


def _of_items(value: list[Any] | dict[str, Any], field: fields.Field[Any]) -> Iterator[tuple[Any, Any]]:
    if isinstance(field, fields.List):
        for location, item in enumerate(value):
            if wrong := _of_field(item, field.inner):
                yield location, wrong
    elif isinstance(field, fields.Dict) and isinstance(value, dict):
        for name, item in value.items():
            if field.key_field is not None and (wrong := _of_field(name, field.key_field)):
                yield name, {"key": wrong}
            elif field.value_field is not None and (wrong := _of_field(item, field.value_field)):
                yield name, {"value": wrong}
