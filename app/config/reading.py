"""How a setting is declared, and how it is read from the environment."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

import click


class SettingsError(click.ClickException):
    """A setting is missing or wrong; the sentence names it and says what to do, and is all that a command prints."""


def setting(name: str, parse: Callable[[str], Any], default: str | None, doc: str, secret: bool = False) -> Any:
    """Declare one setting: its variable, how it is read, its default as it would be typed, and what it is for."""
    about = {"name": name, "parse": parse, "default": default, "doc": doc, "secret": secret}
    return field(metadata=about, repr=not secret)


def read(about: Mapping[str, Any], variables: Mapping[str, str]) -> Any:
    """What the variable says; an empty one counts as missing. Raises SettingsError."""
    raw = variables.get(about["name"]) or about["default"]
    if raw is None:
        return None
    try:
        return about["parse"](raw)
    except ValueError as wrong:
        shown = "(hidden)" if about["secret"] else repr(raw)
        raise SettingsError(f"{about['name']} is {shown}: {wrong}.") from None
