"""The types of parameters. A request is checked against its schema before anything is done."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .refusals import Record, invalid

Kind = Callable[
    [Any, str], Any
]  # takes the value as sent and its full name; returns the converted value, or raises Refused
Schema = Mapping[str, Kind]


def read(schema: Schema, given: Record, required: tuple[str, ...] = ()) -> Record:
    """Convert the parameters to their types. Raises Refused for unknown, missing and malformed ones."""
    if unknown := [name for name in given if name not in schema]:
        raise _unknown(unknown)
    for name in required:
        if name not in given:
            raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return {name: schema[name](value, name) for name, value in given.items()}


def _unknown(names: list[str]) -> Exception:
    if (
        names[0] == "payment_method_types"
    ):  # removed in Stripe's version 2026-09-30.endive, with an error code of its own
        code, instead = "payment_method_types_no_longer_supported", "allowed_payment_method_types"
        return invalid(f"payment_method_types is no longer supported: use {instead}.", param=names[0], code=code)
    parameters = "parameter" if len(names) == 1 else "parameters"
    return invalid(f"Received unknown {parameters}: {', '.join(names)}", param=names[0], code="parameter_unknown")


def text(value: Any, name: str) -> str:
    """Accept any string except the empty one."""
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {value}", param=name)
    if value == "":
        message = f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter"
        raise invalid(f"{message}; however '{name}' cannot be unset.", param=name, code="parameter_invalid_empty")
    return value


def whole(value: Any, name: str) -> int:
    """Accept an integer; 1.0 and 1e3 are refused."""
    if not re.fullmatch(r"-?[0-9]{1,15}", text(value, name)):
        raise invalid(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
    return int(value)


def positive(value: Any, name: str) -> int:
    """Accept an integer of at least 1, such as an amount in the currency's smallest unit."""
    if (number := whole(value, name)) < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, param=name, code="parameter_invalid_integer")
    return number


def natural(value: Any, name: str) -> int:
    """Accept an integer of at least 0."""
    if (number := whole(value, name)) < 0:
        message = "This value must be greater than or equal to 0."
        raise invalid(message, param=name, code="parameter_invalid_integer")
    return number


def negative(value: Any, name: str) -> int:
    """Accept an integer of at most 0, such as an amount that is given back."""
    if (number := whole(value, name)) > 0:
        message = "This value must be less than or equal to 0."
        raise invalid(message, param=name, code="parameter_invalid_integer")
    return number


def optional(value: Any, name: str) -> str:
    """Accept any string."""
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {value}", param=name)
    return value


def yes_or_no(value: Any, name: str) -> bool:
    """Accept `true` or `false`, as the library writes them."""
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def one_of(*choices: str) -> Kind:
    """Accept one of these values."""

    def chosen(value: Any, name: str) -> str:
        if value not in choices:
            raise invalid(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
        return str(value)

    return chosen


def hash_of(schema: Schema) -> Kind:
    """Accept a hash with a schema of its own."""

    def hashed(value: Any, name: str) -> Record:
        if unknown := [key for key in _hash(value, name) if key not in schema]:
            raise _unknown([f"{name}[{key}]" for key in unknown])
        return {key: schema[key](item, f"{name}[{key}]") for key, item in value.items()}

    return hashed


def _hash(value: Any, name: str) -> Record:
    if not isinstance(value, dict):
        raise invalid("Invalid object", param=name)
    return value


def anything(value: Any, name: str) -> Any:
    """Accept any value, which is ignored."""
    return value


def words(value: Any, name: str) -> list[str]:
    """Accept a list of strings, sent as `a[]=` or `a[0]=`."""
    if not isinstance(value, dict):
        raise invalid("Invalid array", param=name)
    return [text(item, f"{name}[{number}]") for number, item in value.items()]


def hashes_of(schema: Schema, required: tuple[str, ...] = (), maximum: int = 100) -> Kind:
    """Accept a list of hashes, sent as `a[0][b]=`, with a schema of their own."""

    def hashed(value: Any, name: str) -> list[Record]:
        if not isinstance(value, dict) or not 0 < len(value) <= maximum:
            raise invalid(f"Invalid array: {name} takes 1 to {maximum} elements", param=name)
        found = [hash_of(schema)(item, f"{name}[{number}]") for number, item in value.items()]
        for number, item in zip(value, found, strict=True):
            for key in required:
                if key not in item:
                    full = f"{name}[{number}][{key}]"
                    raise invalid(f"Missing required param: {full}.", param=full, code="parameter_missing")
        return found

    return hashed


def metadata(value: Any, name: str) -> dict[str, str]:
    """Accept at most 50 strings under keys of at most 40 characters; an empty value removes its key."""
    pairs = {} if value == "" else _hash(value, name)
    if len(pairs) > 50:
        raise invalid("Metadata can have at most 50 keys", param=name)
    for key, item in pairs.items():
        if not isinstance(item, str):
            raise invalid(f"Metadata values must be strings: {key}", param=f"{name}[{key}]")
        if len(key) > 40 or len(item) > 500:
            raise invalid("Metadata keys are at most 40 characters, values at most 500", param=f"{name}[{key}]")
    return pairs


def timestamps(value: Any, name: str) -> dict[str, int]:
    """Accept a second, or bounds: `created=…` or `created[gte]=…`."""
    if isinstance(value, str):
        return {"gte": whole(value, name), "lte": whole(value, name)}
    bounds: dict[str, int] = hash_of(dict.fromkeys(("gt", "gte", "lt", "lte"), whole))(value, name)
    return bounds


PAGE: Schema = {"limit": positive, "starting_after": text, "ending_before": text, "expand": words}
EXPAND: Schema = {"expand": words}
