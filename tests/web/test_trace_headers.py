"""A client's trace is continued if it is valid; every response and every log line has a trace."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from app.kernel import trace
from app.kernel.context import caused_by
from app.web.logs import JsonLines, Readable
from tests.shop import Shop

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_sound_one_is_gone_on_with(shop: Shop) -> None:
    answer = shop.as_guest().get("/products", headers={"traceparent": SENT})

    assert answer.headers.getlist("traceparent") == [SENT]


@pytest.mark.parametrize(
    "given", ["", "x", SENT.upper(), SENT + "-more", f"{SENT},{SENT}", "00-" + "0" * 52, "x" * 60_000]
)
def test_garbage_is_replaced(shop: Shop, given: str) -> None:
    answer = shop.as_guest().get("/products", headers={"traceparent": given})

    begun = answer.headers["traceparent"]
    assert trace.read(begun) == begun and TRACE not in begun


def test_every_answer_has_one_of_its_own_refusals_too(shop: Shop) -> None:
    answers = [shop.app.test_client().get(path) for path in ("/livez", "/nothing", "/api/v1/orders", "/livez")]

    begun = [each.headers["traceparent"] for each in answers]
    assert len(set(begun)) == 4 and [trace.read(each) for each in begun] == begun


def test_it_is_on_the_line_of_the_log(shop: Shop, log_lines: Callable[[], list[Any]]) -> None:
    shop.as_guest().get("/products", headers={"traceparent": SENT, "X-Request-Id": "r-1"})

    assert [(line["request_id"], line["trace_id"]) for line in log_lines()] == [("r-1", TRACE)]


@pytest.mark.parametrize("shape", [JsonLines(), Readable()])
def test_a_line_for_a_person_has_it_as_one_for_a_machine_has(shape: logging.Formatter) -> None:
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "the stock is short", (), None)

    with caused_by("r-1", SENT):
        during = shape.format(record)
    after = shape.format(record)

    assert TRACE in during
    assert "trace_id" not in after
