"""The running module against a model: events in any order, repeated or late, mixed with cancels and deadlines."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.bus.event import Event
from app.kernel.ids import new_id
from tests.orders.steps import EVENTS, places, published_about, status_of, sweeps
from tests.orders.test_every_cell import PUBLISHED
from tests.orders.test_state_machine import CELLS
from tests.shop import ALICE, Shop

TABLE = {(status, trigger): expected for status, trigger, expected in CELLS}
UNPAID = {"placed", "awaiting_payment"}


class Life(RuleBasedStateMachine):
    """One order of the running shop, and a model of it: its status, the published events, and the parked topics."""

    shop: Shop  # set by the test

    @initialize()
    def an_order_is_placed(self) -> None:
        self.alice, self.sam = self.shop.as_customer(ALICE), self.shop.as_staff()
        self.id = places(self.shop, self.alice)
        self.status, self.alerted = "placed", False
        self.published = ["order_placed"]
        self.stuck_topics: set[str] = set()
        self.sent: list[tuple[UUID, Event]] = []

    @rule(trigger=st.sampled_from(sorted(EVENTS)))
    def another_module_publishes(self, trigger: str) -> None:
        event, id = EVENTS[trigger](self.id), new_id()
        self.shop.receives(event, id=id)
        self.sent.append((id, event))
        if event.topic() in self.stuck_topics:
            return  # it is parked behind the earlier one
        if TABLE[self.status, trigger] == "raise":
            self.stuck_topics.add(event.topic())
        else:
            self.model(trigger)

    @rule(which=st.integers(0, 100))
    def an_event_arrives_again(self, which: int) -> None:
        if self.sent:
            id, event = self.sent[which % len(self.sent)]
            self.shop.receives(event, id=id)

    @rule(by_staff=st.booleans())
    def someone_cancels(self, by_staff: bool) -> None:
        if by_staff:
            answer = self.sam.post(f"/ops/orders/{self.id}/cancel", {"reason": "they rang"})
        else:
            answer = self.alice.post(f"/orders/{self.id}/cancel")
        self.model("cancel")
        assert answer.status_code == 200
        assert answer.json["status"] == self.status  # type: ignore[index]

    @rule(minutes=st.sampled_from([0, 20, 31]))
    def the_sweep_runs(self, minutes: int) -> None:
        sweeps(self.shop, timedelta(minutes=minutes))
        unpaid_too_long = self.status in UNPAID and minutes == 31  # 30 are allowed
        uncaptured_too_long = self.status == "confirmed" and minutes >= 20  # 15 are allowed
        if unpaid_too_long or (uncaptured_too_long and not self.alerted):
            self.alerted = uncaptured_too_long
            self.model("deadline")

    def model(self, trigger: str) -> None:
        """Apply the trigger to the model, as the table says."""
        to = TABLE[self.status, trigger]
        assert to != "raise"
        if to not in {"ignored", "recorded"}:
            self.status = to
            self.published.append(PUBLISHED[to])

    @invariant()
    def the_shop_equals_the_model(self) -> None:
        if hasattr(self, "id"):
            assert status_of(self.alice, self.id) == self.status
            assert published_about(self.shop, self.id) == self.published


@pytest.mark.slow
def test_an_order_behaves_as_the_model_does(one_shop: Shop) -> None:
    Life.shop = one_shop
    budget = settings(max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))

    run_state_machine_as_test(Life, settings=budget)  # type: ignore[no-untyped-call]
