"""The shop is killed at every crash point: the purchase completes by itself, and is paid once."""

import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from app.modules.payments.domain.payment import Step
from tests.chaos.conftest import PRICE, Before
from tests.chaos.live import LiveShop
from tests.chaos.test_tax_is_killed import POINTS_OF_NUMBERS, POINTS_OF_TAX
from tests.conftest import ROOT, until

pytestmark = pytest.mark.slow
POINTS = [
    "before_commit",  # the first transaction that is about to commit
    "after_commit",  # between commit and publish
    "before_publish",  # the relay has read the row and not sent it
    "after_effect",  # between an event's effect and the commit of its inbox row
    "before_mark",  # between delivery and mark
    "before_create",
    "after_create",
    "before_confirm",
    "after_confirm",
    "before_capture",
    "after_capture",
    "before_job_done",
]
GIVING_BACK = ["before_cancel", "after_cancel", "before_refund", "after_refund"]
ELSEWHERE = {"before_offset", "before_replay_saved"}  # see test_bad_days.py and test_a_replay_is_killed.py
ELSEWHERE |= {*POINTS_OF_TAX, *POINTS_OF_NUMBERS}


@pytest.fixture(scope="module")
def shop(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """One shop for all points."""
    with stocked.with_crash_points(tmp_path_factory.mktemp("kills"), *POINTS, *GIVING_BACK) as live:
        yield live


@pytest.fixture
def own_shop(stocked: Before, tmp_path: Path) -> Iterator[LiveShop]:
    """A shop for one test."""
    with stocked.in_new_folder(tmp_path) as live:
        live.start()
        yield live
        live.stop()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, shop: LiveShop, stocked: Before) -> None:
    with shop.killed_at(point):
        order_id = shop.buys(stocked.token, "MUG", PRICE)

        shop.order_is(stocked.token, order_id, "paid")
        shop.settles()
    assert shop.captures()[order_id] == 1


@pytest.mark.parametrize("point", GIVING_BACK)
def test_killed_while_money_is_given_back(point: str, shop: LiveShop, stocked: Before) -> None:
    token, before = stocked.token, shop.stock("MUG")
    paid, unpaid = shop.buys(token, "MUG", PRICE), shop.places(token, "MUG", PRICE)
    shop.order_is(token, paid, "paid")
    shop.order_is(token, unpaid, "awaiting_payment")

    with shop.killed_at(point):
        for order_id in (paid, unpaid):
            shop.call(
                "POST", f"/orders/{order_id}/cancel", {}, Authorization=f"Bearer {token}", Idempotency_Key=order_id
            )

        shop.order_is(token, paid, "refunded")
        shop.order_is(token, unpaid, "cancelled")
        shop.settles()
    assert shop.stock("MUG") == before


def test_each_point_that_the_code_names_is_tried() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    named = set(re.findall(r'crash_point\(f?"(.+?)"\)', code))

    steps = {point.replace("{step}", step) for point in named for step in Step}
    assert {"before_{step}", "before_offset"} < named
    assert steps == {*POINTS, *GIVING_BACK} | ELSEWHERE


@pytest.mark.parametrize("call", ["create", "confirm", "capture"])
def test_killed_during_a_call_to_stripe(call: str, shop: LiveShop, stocked: Before) -> None:
    before = shop.effects_of(call)
    shop.waits_until_it_may_die()
    shop.holds_back_the_answer_to(call)

    with ThreadPoolExecutor() as customer:
        buying = customer.submit(shop.buys, stocked.token, "MUG", PRICE)
        shop.waits_for_the_effect_of(call, before)
        shop.kill_worker()
        order_id = buying.result()

    shop.order_is(stocked.token, order_id, "paid")
    shop.settles()
    assert shop.captures()[order_id] == 1


def test_the_parent_is_killed_alone(shop: LiveShop, stocked: Before) -> None:
    order_id = shop.buys(stocked.token, "MUG", PRICE)

    shop.kill()
    shop.start()

    shop.order_is(stocked.token, order_id, "paid")
    shop.settles()
    assert shop.captures()[order_id] == 1


def test_a_worker_that_gets_sigterm_while_it_starts_ends(own_shop: LiveShop) -> None:
    first = own_shop.worker()

    os.kill(first, signal.SIGKILL)
    second = own_shop.worker(other_than=first)
    os.kill(second, signal.SIGSTOP)  # right after its start
    os.kill(second, signal.SIGTERM)
    with suppress(ProcessLookupError):  # if it has ended before it stopped
        os.kill(second, signal.SIGCONT)

    until(lambda: not is_running(second), "it ends")


@pytest.mark.parametrize("later", [0.0, 0.005, 0.02])
def test_a_worker_whose_parent_is_killed_while_it_starts_ends(own_shop: LiveShop, later: float) -> None:
    first = own_shop.worker()

    os.kill(first, signal.SIGKILL)
    second = own_shop.worker(other_than=first)
    time.sleep(later)
    os.kill(second, signal.SIGSTOP)
    own_shop.die()
    with suppress(ProcessLookupError):  # if the kernel has ended it already
        os.kill(second, signal.SIGCONT)

    until(lambda: not is_running(second), "it ends")


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # ProcessLookupError: it ended while it was read
        return False
