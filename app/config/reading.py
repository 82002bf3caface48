"""How a setting is declared, and how it is read from the environment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, fields
from typing import Any, Protocol, TypeVar

import click


class SettingsError(click.ClickException):
    """A setting is missing or wrong; the sentence names it and says what to do, and is all that a command prints."""


class Declared(Protocol):
    """A frozen dataclass, each field of which is declared by `setting`."""

    def unsafe(self) -> Iterator[str]:
        """Why these do not do for production; each sentence begins with the variable."""


D = TypeVar("D")


def setting(
    name: str, parse: Callable[[str], Any], default: str | None, doc: str, secret: bool = False, formerly: str = ""
) -> Any:
    """Declare one setting: its variable, how it is read, its default as it would be typed, and what it is for.

    `formerly`: its variable in an earlier release; one that is still set stops the start.
    """
    about = {"name": name, "parse": parse, "default": default, "doc": doc, "secret": secret, "formerly": formerly}
    return field(metadata=about, repr=not secret)


def declared(kind: type[Any]) -> list[Mapping[str, Any]]:
    """What is declared of each setting in it."""
    return [each.metadata for each in fields(kind) if each.metadata]


def read_all(kind: type[D], variables: Mapping[str, str]) -> D:
    """Every setting of it. Raises SettingsError naming the first that is wrong."""
    return kind(**{each.name: _read(each.metadata, variables) for each in fields(kind) if each.metadata})  # type: ignore[arg-type]


def _read(about: Mapping[str, Any], variables: Mapping[str, str]) -> Any:
    """What the variable says; an empty one counts as missing. Raises SettingsError."""
    if variables.get(about["formerly"]):
        raise SettingsError(f"{about['formerly']} is now called {about['name']}: rename it.")
    raw = variables.get(about["name"]) or about["default"]
    if raw is None:
        return None
    try:
        return about["parse"](raw)
    except ValueError as wrong:
        shown = "(hidden)" if about["secret"] else repr(raw)
        raise SettingsError(f"{about['name']} is {shown}: {wrong}.") from None
