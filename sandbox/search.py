"""Search in Stripe's query language, as far as payments needs it: metadata and status, joined by AND."""

import re

from .call import Call
from .lists import Selection, limit_of
from .refusals import Record, Refused, invalid

QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
CLAUSE = re.compile(rf"\s*(?:metadata\[({QUOTED})\]|(status))\s*:\s*({QUOTED})\s*")
AND = re.compile(r"AND\s+", re.IGNORECASE)


def search_intents(call: Call, _: str, given: Record) -> Record:
    """Return the intents that match, newest first. Unlike at Stripe, a new intent is found at once."""
    chosen = Selection("payment_intent")
    for key, value in clauses(given["query"]):
        if key is None:
            chosen.only("json_extract(body, '$.status') = ?", value)
        else:
            chosen.only("id IN (SELECT id FROM metadata WHERE key = ? AND value = ?)", key, value)
    if page := given.get("page"):
        chosen.only("seq < (SELECT seq FROM objects WHERE id = ?)", page)
    data, more = chosen.page(call, limit_of(given))
    return {
        "object": "search_result",
        "data": data,
        "has_more": more,
        "next_page": data[-1]["id"] if more else None,
        "url": "/v1/payment_intents/search",
    }


def clauses(query: str) -> list[tuple[str | None, str]]:
    """Parse the query into pairs of metadata key and value; the key is None for a status. Raises Refused for anything
    else.
    """
    found: list[tuple[str | None, str]] = []
    at = 0
    while at < len(query):
        clause = CLAUSE.match(query, at)
        if clause is None:
            raise _unreadable()
        found.append((_unquoted(clause[1]) if clause[1] else None, _unquoted(clause[3])))
        at = clause.end()
        if at < len(query):
            joint = AND.match(query, at)
            if joint is None:
                raise _unreadable()
            at = joint.end()
            if at == len(query):
                raise _unreadable()
    return found


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _unreadable() -> Refused:
    message = (
        "We were unable to parse your search query. The sandbox supports metadata['key']:'value' and status:'value', "
    )
    return invalid(message + "joined by AND.", param="query")
