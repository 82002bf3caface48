"""The language of the desk: that of the browser, English or German.

Templates and labels are written in English. Each text of a template is looked up when it is shown, so a template needs
no marks; beside the templates lies german.txt, with lines of the form `English text = German text`. A refusal is looked
up by its sentence, or else by its code: `code = German sentence`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import g, has_request_context, request
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

LANGUAGES = ("en", "de")
ROOT = Path(__file__).parents[1]
PLACES = ("desk/templates/*", "ops/desk/templates/*", "modules/*/desk/templates/*")
SPOKEN = re.compile(r"""((?:aria-label|alt|title|placeholder)=")([^"]*)""")
LABEL = re.compile("[A-Z]| [a-z(]")  # a string of an expression that is to be read, and not the name of something
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?: [A-Z]{3}\b)?")  # also an amount of money, such as 12.50 EUR
WRONG_FIELDS = "correct these fields"  # how a form begins to say which of its fields are wrong
LETTERS = re.compile(r"[A-Za-z]{2}")


def read() -> dict[str, str]:
    """The German for each English text, of all modules that are here."""
    files = [path for place in PLACES for path in sorted(ROOT.glob(f"{place}/german.txt"))]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines() if " = " in line]
    return dict(line.split(" = ", 1) for line in lines)


GERMAN: Mapping[str, str] = read()


def language() -> str:
    """The language of the page that is being made."""
    if not has_request_context():
        return "en"
    if "desk_language" not in g:
        g.desk_language = request.accept_languages.best_match(LANGUAGES) or "en"
    return str(g.desk_language)


def spoken(text: object) -> str:
    """A label or a code in the language of the page; what has no German stays as it is."""
    shown = text if isinstance(text, str) else str(text)
    key = shown.strip()
    return shown.replace(key, GERMAN[key]) if language() == "de" and key in GERMAN else shown


def with_numbers(text: str) -> str:
    """A sentence in the language of the page; german.txt has # where it has a number, or an amount of money."""
    found = spoken(text)
    key = NUMBER.sub("#", text)
    if found != text or language() != "de" or key not in GERMAN:
        return found
    numbers = iter(NUMBER.findall(text))
    return re.sub("#", lambda _: next(numbers, "").replace(".", ","), GERMAN[key])


def refusal(code: str, sentence: str) -> tuple[str, str]:
    """A refusal in the language of the page, and what is left to be said in English; either may be empty. German that
    ends with … says less than its English sentence, which has values such as an amount.
    """
    beginning, _, fields = sentence.partition(": ")
    if beginning == WRONG_FIELDS:  # they have been named and explained in the language of the page
        return f"{spoken(beginning)}: {fields}", ""
    whole = with_numbers(sentence)
    if language() != "de" or whole != sentence:
        return ("", sentence) if whole == sentence else (whole, "")
    german = GERMAN.get(code, "…")
    return german.removesuffix("…").strip(), sentence if german.endswith("…") else ""


class Spoken(Extension):
    """Looks up each text of a template, and each attribute that is read out, when it is shown.

    `texts`: those that it has seen in the templates that were compiled.
    """

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.texts = set[str]()
        environment.globals["spoken_text"] = lambda text: Markup(spoken(text))  # noqa: S704 - texts of our templates

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        tag, in_variable = "", False  # the tag that an expression is inside of, as far as it has been read
        for token in stream:
            if token.type == "data":
                for kind, piece in _pieces(token.value, tag):
                    yield from self._shown(token.lineno, piece) if kind == "text" else [_data(token.lineno, piece)]
                tag = _open_tag(tag + token.value)
                continue
            in_variable = (in_variable or token.type == "variable_begin") and token.type != "variable_end"
            is_label = in_variable and token.type == "string" and bool(LABEL.match(token.value))
            if is_label and " " in token.value:
                self.texts.add(token.value.strip())
            if is_label and token.value.strip() in GERMAN:
                yield from _call(token.lineno, token.value)
            else:
                yield token

    def _shown(self, lineno: int, text: str) -> Iterator[Token]:
        key = " ".join(text.split())
        if not LETTERS.search(re.sub(r"&\w+;", "", key)) or '"' in key:
            yield _data(lineno, text)
            return
        self.texts.add(key)
        before = text[: len(text) - len(text.lstrip())]
        yield _data(lineno, before)
        yield Token(lineno, "variable_begin", "{{")
        yield from _call(lineno, key)
        yield Token(lineno, "variable_end", "}}")
        yield _data(lineno, text[len(text.rstrip()) :])


def _open_tag(text: str) -> str:
    """The tag at the end of a text, if it is not closed there."""
    start = text.rfind("<")
    return text[start:] if start > text.rfind(">") else ""


def _pieces(data: str, tag: str) -> Iterator[tuple[str, str]]:
    """The parts of a template's text between its expressions: tags, and what is to be read. `tag`: the open one."""
    while data:
        if tag or data.startswith("<"):
            end = data.find(">") + 1 or len(data)
            yield from _attributes(data[:end], tag)
        else:
            end = data.find("<") if "<" in data else len(data)
            yield "text", data[:end]
        tag, data = "", data[end:]


def _attributes(data: str, tag: str) -> Iterator[tuple[str, str]]:
    """A tag, or what follows of the open one, and the attributes in it that are read out."""
    whole, at = tag + data, len(tag)
    for found in SPOKEN.finditer(whole):
        start, end = max(found.start(2), at), found.end(2)
        if end > start:
            yield from (("tag", whole[at:start]), ("text", whole[start:end]))
            at = end
    yield "tag", whole[at:]


def _data(lineno: int, text: str) -> Token:
    return Token(lineno, "data", text)


def _call(lineno: int, text: str) -> Iterator[Token]:
    yield Token(lineno, "name", "spoken_text")
    yield Token(lineno, "lparen", "(")
    yield Token(lineno, "string", text)
    yield Token(lineno, "rparen", ")")
