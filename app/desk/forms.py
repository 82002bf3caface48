"""Forms of pages: what may be sent, as fields of the same kinds as those of the API, and how each is labelled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

from flask import g
from marshmallow import ValidationError, missing
from marshmallow.fields import Field
from werkzeug.datastructures import MultiDict

from app.desk.language import spoken, with_numbers
from app.kernel.errors import Invalid, PreconditionFailed
from app.web.schemas import Text

Kind = Literal["text", "lines", "number", "choice", "flag", "date", "email", "password", "hidden"]
MAX_COUNTS = 1_500  # numbers of units in one form
MAX_REASON_LENGTH = 500
CHECKED = {"on", "True"}  # a flag as a browser sends it, and as a value


@dataclass(frozen=True)
class Input:
    """One field of a form. `choices`: pairs of a value and its label. `group`: the title that it stands under."""

    name: str
    label: str
    field: Field[Any]
    kind: Kind = "text"
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    group: str = ""


@dataclass(frozen=True)
class Form:
    """A form that does something. `name` is unique within the pages of a module; `done` is shown once it is done."""

    name: str
    button: str
    done: str
    inputs: tuple[Input, ...] = ()
    role: str = "staff"
    danger: bool = False

    @property
    def groups(self) -> list[tuple[str, list[Input]]]:
        """The fields in their order, those that stand together under their title, which is empty where they do not."""
        return [(title, list(inputs)) for title, inputs in groupby(self.inputs, lambda each: each.group)]

    def read(self, sent: MultiDict[str, str]) -> dict[str, Any]:
        """The values by name. Raises Invalid(invalid_form), which has a sentence for each field that is wrong."""
        return read(self.inputs, sent)


@dataclass(frozen=True)
class Sent:
    """A form as it was sent. `id`: for what it creates; the same if the form is sent again."""

    id: Any
    values: Mapping[str, Any]
    raw: Mapping[str, str] = field(default_factory=dict)


def together(title: str, *inputs: Input) -> tuple[Input, ...]:
    """These fields as a group of a long form."""
    return tuple(replace(each, group=title) for each in inputs)


def reason(label: str = "Reason") -> Input:
    """The reason for an operation, which the trail records."""
    return Input("reason", label, Text(max_length=MAX_REASON_LENGTH, lines=True, required=True), "lines")


def read(inputs: tuple[Input, ...], sent: MultiDict[str, str]) -> dict[str, Any]:
    """The values by name; what was left empty has its default. Raises Invalid(invalid_form)."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for each in inputs:
        raw: Any = sent.get(each.name, "")
        if each.kind == "flag":
            values[each.name] = raw == "on"
            continue
        if not raw.strip() and not each.field.required:
            values[each.name] = None if each.field.load_default is missing else each.field.load_default
            continue
        try:
            values[each.name] = each.field.deserialize(raw)
        except ValidationError as wrong:
            errors[each.name] = with_numbers("Fill this in." if not raw.strip() else str(wrong.messages[0]))
    if errors:
        labels = {each.name: each.label for each in inputs}
        sentence = "; ".join(f"{spoken(labels[name])}: {error}" for name, error in errors.items())
        raise Invalid("invalid_form", f"correct these fields: {sentence[:900]}", {"errors": errors})
    return values


def counts(raw: Mapping[str, str], prefix: str) -> dict[str, int]:
    """The numbers whose names begin with the prefix, without zeros. Raises Invalid(invalid_form)."""
    found = {name.removeprefix(prefix): value for name, value in raw.items() if name.startswith(prefix)}
    if len(found) > MAX_COUNTS or not all(_is_count(value) for value in found.values()):
        raise Invalid("invalid_form", "give each number of units as a whole number from 0 to 9999")
    return {name: int(value) for name, value in found.items() if value and int(value)}


def filled(input: Input, url: str, values: Mapping[str, Any]) -> str:
    """What a field shows: what was sent, if the form at this address was refused; otherwise the given value.

    Where someone else was faster, the form has the new version, so that it can be sent again.
    """
    if input.kind == "password":
        return ""
    if g.get("refused_at") == url and not (_is_late(url) and input.kind == "hidden" and input.name in values):
        return str(g.refused_values.get(input.name, ""))
    return _shown(input, values)


def newer(input: Input, url: str, values: Mapping[str, Any]) -> str | None:
    """What somebody else has made of this field since the form was shown, if it was refused for that; else None."""
    if not _is_late(url) or input.kind == "hidden" or input.name not in values:
        return None
    there, sent = _shown(input, values), str(g.refused_values.get(input.name, ""))
    if input.kind == "flag":
        return None if (there in CHECKED) == (sent in CHECKED) else ("yes" if there in CHECKED else "no")
    return None if there.split() == sent.split() else dict(input.choices).get(there, there)


def error_of(input: Input, url: str) -> str:
    """Why the field was refused, if it was."""
    if g.get("refused_at") != url:
        return ""
    return str(g.refused.more.get("errors", {}).get(input.name, ""))


def _shown(input: Input, values: Mapping[str, Any]) -> str:
    value = values.get(input.name)
    return "" if value is None else str(value)


def _is_late(url: str) -> bool:
    return bool(g.get("refused_at") == url and isinstance(g.refused, PreconditionFailed))


def _is_count(value: str) -> bool:
    return not value or (value.isascii() and value.isdigit() and len(value) <= 4)
