"""Traces of real processes, sent to a receiver on this machine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.money import Money
from examples.waterfall import Receiver, waterfall
from tests.chaos.live import LiveShop
from tests.conftest import answering
from tests.topologies import live_shop
from tests.tracing.buying import buys_a_mug, sells_mugs
from tests.tracing.conftest import CLIENT, SENT, TRACE
from tests.tracing.odd import KINDS, odd

pytestmark = pytest.mark.slow


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running, answering(running):
        yield running


def test_one_purchase_is_one_trace_of_four_services(tmp_path: Path, receiver: Receiver) -> None:
    with live_shop(tmp_path, split=True, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url) as shop:
        sells_mugs(shop)
        buys_a_mug(shop, SENT)
        shop.live.stop()  # each process ends with status 0, and sends its remaining spans

    spans = receiver.traces[TRACE]
    assert {span.service for span in spans} == {
        f"quartet-{name}" for name in ("catalog", "orders", "payments", "users")
    }
    assert {span.parent for span in spans} - {span.id for span in spans} == {CLIENT}
    assert [span.name for span in spans].count("process payments.payment_captured.v1") == 1
    assert "\nquartet-payments " in waterfall(spans) and "Stripe capture" in waterfall(spans)


@pytest.mark.parametrize(
    "kind",
    [
        each if each in {"is silent", "talks for ever"} else pytest.param(each, marks=pytest.mark.thorough)
        for each in KINDS
    ],
)
def test_the_shop_does_not_care_what_its_receiver_does(tmp_path: Path, kind: str) -> None:
    with odd(kind) as strange, LiveShop(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=strange.url) as shop:
        shop.start()
        shop.stocks("MUG", Money(900, "EUR"), on_hand=5)
        for _ in range(200):  # if a request waited, it would wait for ten seconds
            assert shop.call("GET", "/products?limit=1")[0] == 200
        token = shop.signs_up("ada@shop.example.com")
        shop.order_is(token, shop.buys(token, "MUG", Money(900, "EUR")), "paid")

        code = shop.stop()

    log = shop.log.read_text()
    assert code == 0
    assert "Traceback" not in log
    assert len(re.findall("receiver of traces does not answer", log)) <= 1
