"""Helpers of the operators' commands: parameter types, JSON output, the caller's name, and the hosted modules."""

import getpass
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isnan
from typing import Any

import click
import msgspec
from flask import current_app

from app.ops.bodies import MAX_REASON_LENGTH
from app.runtime.background import Background
from app.web.schemas import EARLIEST, LATEST
from app.wiring import Module


class Reason(click.ParamType[str]):
    """The reason for an operation: one line of 1 to MAX_REASON_LENGTH characters."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip()
        if not 1 <= len(text) <= MAX_REASON_LENGTH or not text.isprintable():
            self.fail(f"give 1 to {MAX_REASON_LENGTH} characters, on one line", param, ctx)
        return text


class TimeParam(click.ParamType[datetime]):
    """A time with its zone, such as 2026-11-24T03:00:00Z, in UTC whatever zone it was given in."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            time = None
        if time is None or time.tzinfo is None or not EARLIEST <= time <= LATEST:
            self.fail(f"{value!r} is not a time with its zone, such as 2026-11-24T03:00:00Z", param, ctx)
        return time.astimezone(UTC)


class Seconds(click.FloatRange):
    """A number of seconds in a range. `nan`, which is below and above nothing, is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        if isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


REASON = click.option("--reason", required=True, type=Reason(), help="Why; recorded with your name.")


AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for machines.")


def print_items(items: Sequence[Any]) -> None:
    """Print the items as one JSON document in the shape of the API's lists: {"items": […]}."""
    click.echo(msgspec.json.encode({"items": items}))


def who() -> str:
    """The account that runs the command, as shell:<account>, for the trail of operations.

    A container may run under an id that has no account: then it is shell:uid-<id>.
    """
    try:
        return f"shell:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"shell:uid-{os.getuid()}"


def modules() -> list[Module]:
    """The modules that this entry point hosts."""
    return list(current_app.extensions["quartet_modules"].values())


def background() -> Background:
    threads: Background = current_app.extensions["quartet_background"]
    return threads


def module_named(name: str, hint: str = "--module") -> Module:
    """The hosted module of this name. Raises BadParameter. `hint`: the parameter that has the name."""
    hosted = {module.name: module for module in modules()}
    if name not in hosted:
        raise click.BadParameter(f"this entry point does not host {name!r}, only {', '.join(hosted)}", param_hint=hint)
    return hosted[name]
