"""What the commands of operators share: who types, what for, and on which module."""

import getpass
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
import msgspec
from flask import current_app

from app.ops.bodies import MAX_REASON_LENGTH
from app.runtime.background import Background
from app.web.schemas import EARLIEST, LATEST
from app.wiring import Module


class Reason(click.ParamType[str]):
    """A sentence, kept with what was done."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Not empty, and not endless."""
        text = str(value).strip()
        if not 1 <= len(text) <= MAX_REASON_LENGTH or not text.isprintable():
            self.fail(f"say it in 1 to {MAX_REASON_LENGTH} characters, on one line", param, ctx)
        return text


class TimeParam(click.ParamType[datetime]):
    """A moment with its zone."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Such as 2026-11-24T03:00:00Z."""
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or not EARLIEST <= moment <= LATEST:
            self.fail(f"{value!r} is not a moment with its zone, such as 2026-11-24T03:00:00Z", param, ctx)
        return moment


REASON = click.option("--reason", required=True, type=Reason(), help="Why; kept with your name.")


AS_JSON = click.option("--json", "as_json", is_flag=True, help="For machines: one JSON document.")


def print_items(items: Sequence[Any]) -> None:
    """What a command lists, as one JSON document in the shape of the API's lists: {"items": […]}."""
    click.echo(msgspec.json.encode({"items": items}))


def who() -> str:
    """Who types, for the trail."""
    return f"shell:{getpass.getuser()}"


def modules() -> list[Module]:
    """Those of this entry point."""
    return list(current_app.extensions["quartet_modules"].values())


def background() -> Background:
    """What carries the events of this entry point."""
    found: Background = current_app.extensions["quartet_background"]
    return found


def module_named(name: str, hint: str = "--module") -> Module:
    """One of them. Raises BadParameter; `hint`: what named it."""
    hosted = {module.name: module for module in modules()}
    if name not in hosted:
        raise click.BadParameter(f"{name!r} is not here; there is {', '.join(hosted)}", param_hint=hint)
    return hosted[name]
