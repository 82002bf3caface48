"""`flask docs write`: generates pages from the code, so that they always agree with it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from html import escape
from inspect import getdoc, getsource
from pathlib import Path
from typing import Any, get_args

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.bus.contracts import PUBLISHERS
from app.bus.event import TYPES, Event
from app.cli.docs.environment_example import MADE, example
from app.cli.docs.gateway import gateway_routes, indented
from app.cli.docs.quotes import requoted
from app.cli.docs.refusals import refusals
from app.cli.docs.tree import planted
from app.config.reading import declared
from app.config.settings import Settings
from app.kernel import errors
from app.web.problems import CODES, STATUS
from app.wiring import Module

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests/contracts/golden"  # an event of each type, which must stay readable
GUIDES = ("docs/adding-a-feature.md",)  # they quote code
MAP = "docs/architecture.md"  # has the tree of app/
EVERYONE = "every module"
ABOUT_ERRORS = (
    "Every error is answered as `application/problem+json` (RFC 9457) with a stable `code`. Its `detail` says what is "
    "wrong and what to do; … below stands for a value that varies. With a `Retry-After` header, the same request may "
    "succeed after that many seconds."
)
WIDE = {"terminal_width": 100, "max_content_width": 100}
docs = AppGroup("docs", help="The generated pages of docs/.")


@docs.command("write")
def write() -> None:
    """Write the generated pages of docs/, .env.example, and the gateway's routes and OpenAPI document."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if not (ROOT / "docs").is_dir():
        raise click.ClickException(
            "the pages are written into the source tree: run this command in a clone of the repository"
        )
    here = {name for name in PUBLISHERS if (ROOT / "app/modules" / name).is_dir()}
    if set(app.extensions["quartet_modules"]) != here:
        raise click.ClickException("the pages describe all modules: use `flask --app wsgi docs write`")
    try:
        made = pages(app)
    except LookupError as why:
        raise click.ClickException(str(why)) from None
    for name, text in made.items():
        (ROOT / name).write_text(text, encoding="utf-8")
        click.echo(f"{name} is written.")


def pages(app: Flask) -> dict[str, str]:
    """The text of every generated file, by its path from the root of the repository."""
    modules: Sequence[Module] = list(app.extensions["quartet_modules"].values())
    made = {
        "docs/events.md": events_page(app.extensions["quartet_modules"]),
        "docs/settings.md": settings_page(modules),
        ".env.example": example(ROOT, modules),
        "docs/errors.md": errors_page(),
        "app/web/swagger/errors.html": errors_html(),
        "docs/cli.md": cli_page(app),
    }
    if (ROOT / MAP).is_file():
        made[MAP] = planted((ROOT / MAP).read_text(encoding="utf-8"), ROOT)
    for guide in GUIDES:
        if (ROOT / guide).is_file():
            made[guide] = requoted((ROOT / guide).read_text(encoding="utf-8"), ROOT)
    if (ROOT / "deploy/gateway").is_dir():
        made["deploy/gateway/routes.conf"] = gateway_routes(app)
        for name in ("openapi.json", "asyncapi.json"):
            made[f"deploy/gateway/{name}"] = indented(app.test_client().get(f"/{name}").data)
    return made


def events_page(modules: Mapping[str, Module]) -> str:
    """docs/events.md: the events of every module, their consumers, their fields, and a sample of each."""
    parts = [
        "# Events",
        MADE,
        "A topic has the name of the module that publishes its events. Events of one key arrive in the order in which "
        "they were published. A reaction does something; a projection stores a copy, and may be run again over past "
        "events.",
    ]
    for publisher in PUBLISHERS:
        parts.append(f"## {publisher}")
        for event in (each for each in TYPES.values() if each.__module__ == f"app.bus.contracts.{publisher}"):
            kinds = [event, *_parts(event)]
            facts = [
                f"- class: `{event.__name__}` in `app/bus/contracts/{publisher}.py`",
                f"- version {event.event_version}, topic `{event.topic()}`, key `{event.key_field}`",
                *_listeners(event, modules),
            ]
            rows = [row for kind in kinds for row in _fields(kind, "" if kind is event else f"{kind.__name__}.")]
            sample = (SAMPLES / f"{event.event_type()}.sample.json").read_text(encoding="utf-8")
            parts += [f"### {event.event_type()}", getdoc(event) or "", "\n".join(facts)]
            parts += [_table("field", "type", "note", rows=rows), f"```json\n{sample.rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"


def settings_page(modules: Sequence[Module]) -> str:
    """docs/settings.md: every environment variable, grouped by the module that reads it."""
    intro = (
        "Settings are read from the environment once, at the start. A wrong value stops the start, with a sentence "
        "that names the variable. A default shown as (secret) works in development only: production refuses it."
    )
    sections = [("Shared by all modules", Settings), *((module.name, type(module.settings)) for module in modules)]
    parts = [part for title, kind in sections for part in (f"## {title}", _settings_of(kind))]
    return "\n\n".join(["# Settings", MADE, intro, *parts]) + "\n"


def _settings_of(kind: type[Any]) -> str:
    rows = []
    for about in declared(kind):
        default = "(secret)" if about["secret"] and about["default"] else _code(about["default"] or "")
        takes = "A path." if about["parse"] is Path else getdoc(about["parse"]) or ""
        rows.append((_code(about["name"]), default, takes, about["doc"]))
    return _table("variable", "default", "takes", "what for", rows=rows)


def errors_page() -> str:
    """docs/errors.md: every code that a problem can have."""
    meaning = {status: [getdoc(kind) or ""] for kind, status in STATUS.items() if kind.__module__ == errors.__name__}
    parts = ["# Errors", MADE, ABOUT_ERRORS]
    for status, codes in _errors().items():
        rows = [
            (f'<a id="{code}"></a>{_code(code)}', owner, "<br>".join(sentences))
            for code, (owner, sentences) in codes.items()
        ]
        parts += [f"## {status}", *meaning.get(status, []), _table("code", "from", "detail", rows=rows)]
    return "\n\n".join(parts) + "\n"


def errors_html() -> str:
    """The same as an HTML page, which the `type` of a problem links to in a running shop."""
    rows = "\n".join(
        f'<dt id="{code}">{code} <small>{status}, {owner}</small></dt>'
        + "".join(f"<dd>{escape(sentence)}</dd>" for sentence in sentences)
        for status, codes in _errors().items()
        for code, (owner, sentences) in codes.items()
    )
    about = escape(ABOUT_ERRORS.replace("`", ""))
    head = f'<!doctype html>\n<!-- {escape(MADE)} -->\n<html lang="en">\n<meta charset="utf-8">\n'
    return f"{head}<title>Errors of Quartet</title>\n<h1>Errors</h1>\n<p>{about}</p>\n<dl>\n{rows}\n</dl>\n</html>\n"


def _errors() -> dict[int, dict[str, tuple[str, list[str]]]]:
    """By status and code: the modules that use the code, and its sentences."""
    found: dict[int, dict[str, dict[str, set[str]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for code, (status, sentence) in CODES.items():
        found[status][code][EVERYONE].add(sentence)
    for path in sorted((ROOT / "app").rglob("*.py")):
        where = path.relative_to(ROOT).parts
        owner = where[2] if where[1] == "modules" else EVERYONE
        for status, code, sentence in refusals(path):
            found[status][code][owner].add(sentence)
    return {
        status: {
            code: (
                EVERYONE if EVERYONE in owners else ", ".join(sorted(owners)),
                sorted(set().union(*owners.values())),
            )
            for code, owners in sorted(codes.items())
        }
        for status, codes in sorted(found.items())
    }


def cli_page(app: Flask) -> str:
    """docs/cli.md: the help of every command, as click prints it."""
    intro = (
        "These are the commands of the whole shop, `flask --app wsgi …`. A single module, such as "
        "`flask --app app.modules.orders.wsgi …`, has the shared commands and its own. Each command has `--help`."
    )
    helps = [text for name in sorted(app.cli.commands) for text in _helps(app.cli.commands[name], None)]
    return "\n\n".join(["# Commands", MADE, intro, *helps]) + "\n"


def _helps(command: click.Command, parent: click.Context | None) -> Iterator[str]:
    name = command.name if parent else f"flask --app wsgi {command.name}"
    context = click.Context(command, parent=parent, info_name=name, **WIDE)  # type: ignore[arg-type]
    if isinstance(command, click.Group):
        for each in sorted(command.commands):
            yield from _helps(command.commands[each], context)
    else:
        title = context.command_path.removeprefix("flask --app wsgi ")
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        yield f"## {title}\n\n```text\n{text}\n```"


def _parts(kind: type) -> list[type]:
    """The dataclasses inside an event."""
    inside = [part for each in fields(kind) for part in (each.type, *get_args(each.type))]
    return [part for part in inside if isinstance(part, type) and is_dataclass(part)]


def _fields(kind: type, prefix: str) -> list[tuple[str, str, str]]:
    """The name, the type and the trailing comment of each field."""
    notes = dict(re.findall(r"^    (\w+): [^#\n]+#\s*(.+)$", getsource(kind), re.MULTILINE))
    return [(_code(prefix + each.name), _code(_name(each.type)), notes.get(each.name, "")) for each in fields(kind)]


def _name(kind: Any) -> str:
    inner = get_args(kind)
    return f"{kind.__name__}[{', '.join(map(_name, inner))}]" if inner else str(kind.__name__)


def _listeners(event: type[Event], modules: Mapping[str, Module]) -> list[str]:
    consumers = {
        name: module.all_subscriptions[event] for name, module in modules.items() if event in module.all_subscriptions
    }
    if len(consumers) == len(PUBLISHERS) and len({each.handler for each in consumers.values()}) == 1:
        consumers = {"every module": next(iter(consumers.values()))}
    lines = []
    for name, each in sorted(consumers.items()):
        kind = "projection" if each.is_projection else "reaction"
        lines.append(f"- consumed by {name}, a {kind}: {getdoc(each.handler) or _code(each.handler.__name__)}")
    return lines or ["- not consumed by any module yet"]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(*head: str, rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(each.replace("|", "\\|") for each in line) + " |" for line in lines)
