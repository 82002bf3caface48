"""Declares settings, and reads them from the environment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, fields
from typing import Any, Protocol, TypeVar

import click


class SettingsError(click.ClickException):
    """A setting is missing or wrong. The sentence names it and says what to do; a command prints nothing else."""


class Declared(Protocol):
    """A frozen dataclass, each field of which is declared by `setting`."""

    def unsafe(self) -> Iterator[str]:
        """Yield the reasons why production refuses these settings. Each sentence begins with the variable's name."""


D = TypeVar("D")


def setting(
    name: str, parse: Callable[[str], Any], default: str | None, doc: str, secret: bool = False, formerly: str = ""
) -> Any:
    """Declare one setting: its variable, its parser, its default as one would type it, and its description.

    `formerly`: its variable in an earlier release; one that is still set stops the start.
    """
    about = {"name": name, "parse": parse, "default": default, "doc": doc, "secret": secret, "formerly": formerly}
    return field(metadata=about, repr=not secret)


def declared(kind: type[Any]) -> list[Mapping[str, Any]]:
    """Return the declaration of each setting in the dataclass."""
    return [each.metadata for each in fields(kind) if each.metadata]


def read_all(kind: type[D], variables: Mapping[str, str]) -> D:
    """Read every setting of the dataclass. Raises SettingsError, which names the first that is wrong."""
    return kind(**{each.name: _read(each.metadata, variables) for each in fields(kind) if each.metadata})  # type: ignore[arg-type]


def _read(about: Mapping[str, Any], variables: Mapping[str, str]) -> Any:
    """Parse the variable; an empty one counts as missing. Raises SettingsError."""
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
