"""The health of the shop. Each module has these pages under its own name, as it has the routes of app/ops."""

from collections.abc import Sequence
from functools import partial

import msgspec
from flask import request

from app.bus import stuck
from app.bus.contracts import PUBLISHERS
from app.desk.charts import Bars, bars
from app.desk.forms import Form, Input, Sent, reason
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.kernel.database import Database
from app.kernel.errors import NotFound
from app.ops import audits, operations, parked
from app.ops.bus import bus_state
from app.ops.caller import caller
from app.ops.views import TopicLag
from app.runtime.background import Background
from app.web.paging import after, bad_cursor, id_after
from app.web.schemas import Text
from app.wiring import Module

QUEUED_SHOWN = 20
TYPE = Input("type", "Type", Text(max_length=120, load_default=None), "hidden")
CAUSE = Input("cause", "Cause", Text(max_length=300, load_default=None), "hidden")
RETRY = Form("retry", "Try again", "It is tried again now, with the events that wait behind it.", (reason(),))
RETRY_CAUSE = Form("retry-cause", "Try these again", "They are tried again now.", (reason(), TYPE, CAUSE))
DISCARD = Form(
    "discard",
    "Discard it for good",
    "It was discarded: the events behind it are consumed now.",
    (reason("Why it may be left out"),),
    danger=True,
)


def health_pages(module: Module, background: Background) -> Pages:
    pages = Pages(module.name, __name__, f"desk_ops_{module.name}")
    database, name = module.database, module.name
    consumer, transport = background.consumer_of(name), background.transport

    def state_page() -> str:
        state = bus_state(database, consumer, transport, recent=True)
        return render("ops/state.html", module=name, state=state, chart=lag_chart(state.lag))

    events = partial(parked_page, name, database)
    event = partial(event_page, name, database)
    pages.page("/health", "health", partial(health_page, name))
    pages.page("/health/state", "state", state_page)
    pages.page("/health/parked", "parked", events)
    pages.page("/health/parked/<parked_id>", "event", event)
    pages.page("/health/audits", "audits", partial(audits_page, name, database))
    pages.page("/health/trail", "trail", partial(trail_page, name, database))
    pages.action("/health/retry", RETRY_CAUSE, None, partial(retry_cause, database), "parked", events)
    pages.action("/health/parked/<parked_id>/retry", RETRY, None, partial(retry, database), "parked", event)
    pages.action("/health/parked/<parked_id>/discard", DISCARD, None, partial(discard, database), "parked", event)
    return pages


def health_page(module: str) -> str:
    """All modules and the bus between them; each is asked by the browser, so one that is away hides no other."""
    return render("ops/health.html", module=module, modules=sorted(PUBLISHERS))


def lag_chart(lag: Sequence[TopicLag] | None) -> Bars | None:
    """A bar for each topic that the module consumes; None if the lag is unknown."""
    if not lag:
        return None
    values = [(each.topic, f"{each.topic} {each.events}", each.events) for each in lag]
    return bars(values, str(max(each.events for each in lag)), width=240, height=110)


def parked_page(module: str, database: Database, parked_id: str | None = None) -> str:
    """`parked_id`: of the event that was acted on, if one was."""
    key = after(request.args.get("cursor"), int) or [0]
    if not 0 <= key[0] < 2**63:
        raise bad_cursor()
    with database.read() as connection:
        causes = stuck.causes(connection)
        found = stuck.rows(connection, None, None, key[0], PER_PAGE + 1)
    rows, following = paged(found, lambda row: [row.id])
    waits = {row.id: parked.waits_for(row) for row in rows}
    return render(
        "ops/parked.html", module=module, causes=causes, rows=rows, waits=waits, next=following, form=RETRY_CAUSE
    )


def event_page(module: str, database: Database, parked_id: str) -> str:
    with database.read() as connection:
        row = stuck.one(connection, parked.id_of(parked_id))
        if row is None:
            raise NotFound("not_parked", f"there is no parked event {parked_id}")
        count, queued = stuck.queued_behind(connection, row, QUEUED_SHOWN)
    payload, _ = parked.payload_of(row.body)
    text = payload if isinstance(payload, str) else msgspec.json.format(msgspec.json.encode(payload)).decode()
    return render(
        "ops/event.html",
        module=module,
        row=row,
        payload=text[:20_000],
        queued=queued,
        count=count,
        waits=parked.waits_for(row),
        retry=RETRY,
        discard=DISCARD,
    )


def audits_page(module: str, database: Database) -> str:
    with database.read() as connection:
        rows = audits.saved(connection)
    reports = {row.check: msgspec.json.decode(row.report) for row in rows}
    return render("ops/audits.html", module=module, rows=rows, reports=reports, modules=sorted(PUBLISHERS))


def trail_page(module: str, database: Database) -> str:
    with database.read() as connection:
        found = operations.newest(connection, id_after(request.args.get("cursor")), PER_PAGE + 1)
    rows, following = paged(found, lambda row: [str(row.id)])
    return render("ops/trail.html", module=module, rows=rows, next=following, modules=sorted(PUBLISHERS))


def retry(database: Database, sent: Sent, parked_id: str) -> None:
    parked.retry(database, parked.id_of(parked_id), caller(), sent.values["reason"])


def retry_cause(database: Database, sent: Sent) -> None:
    given = sent.values
    parked.retry_many(database, given["type"], given["cause"], caller(), given["reason"])


def discard(database: Database, sent: Sent, parked_id: str) -> None:
    parked.discard(database, parked.id_of(parked_id), caller(), sent.values["reason"])
