"""One search over orders, customers and products: each module that the browser asks answers for itself."""

import unicodedata

from flask import redirect, request
from flask.typing import ResponseReturnValue

from app.desk.navigation import SEARCHED
from app.desk.pages import Pages, render

JOINERS = "\u200c\u200d"  # parts of words in Persian, of signs in Sinhala, and of emoji
MAX_TYPED = 254  # characters, as in the longest e-mail address


def typed() -> str:
    """What is searched for, in NFC, with blanks of any kind as one blank, and without other invisible characters than
    those that join letters. It may be an e-mail address, so it is never in an address."""
    pasted = unicodedata.normalize("NFC", request.form.get("q", "")[: 2 * MAX_TYPED])
    seen = (each for each in pasted if each.isspace() or each.isprintable() or each in JOINERS)
    return " ".join("".join(seen).split())[:MAX_TYPED]


def add_search(pages: Pages) -> None:
    """Every module has this page, so that the box on its pages needs no other."""
    pages.page("/search", "search", search_page, methods=("GET", "POST"))


def search_page() -> ResponseReturnValue:
    """A section for each module, which the browser fetches. What only one of them can know goes to that one."""
    for module, _, only in SEARCHED:
        if only and only.fullmatch(typed()):
            return redirect(f"/desk/{module}/found", 307)  # with the form
    return render("desk/search.html", typed=typed(), searched=SEARCHED)
