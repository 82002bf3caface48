"""What operations give as JSON."""

from marshmallow import fields, validate

from app.web.schemas import Schema


class Waiting(Schema):
    """What waits, and for how long the oldest has."""

    waiting = fields.Integer()
    oldest_seconds = fields.Float(allow_none=True)


class Relay(Schema):
    """Who sends what is in the outbox, and until when that is promised."""

    active = fields.Boolean()
    owner = fields.String(allow_none=True)
    lease_until = fields.DateTime(allow_none=True)


class Lag(Schema):
    """Events of a topic that the module has still to handle."""

    topic = fields.String()
    events = fields.Integer()


class ParkedSummary(Schema):
    """What could not be handled; `waiting_for_a_person` are the keys that nothing frees by itself."""

    events = fields.Integer()
    keys = fields.Integer()
    waiting_for_a_person = fields.Integer()
    oldest_seconds = fields.Float(allow_none=True)


class FailingWork(Schema):
    """A call to a third party that failed, and is tried again."""

    kind = fields.String()
    subject = fields.String()
    attempts = fields.Integer()
    error = fields.String(allow_none=True)
    due_at = fields.DateTime()


class WorkSummary(Schema):
    """Calls to third parties to be made: how many, how late the latest is, and the worst of those that fail."""

    waiting = fields.Integer()
    overdue_seconds = fields.Float()
    failing = fields.List(fields.Nested(FailingWork))


class Heard(Schema):
    """What a module does when it hears an event: a reaction does something, a projection keeps a copy."""

    type = fields.String()
    kind = fields.String(validate=validate.OneOf(["reaction", "projection"]))
    does = fields.String()


class Bus(Schema):
    """How a module's events fare. `lag` is null while nobody can tell; `lag_unknown` then says why."""

    module = fields.String()
    outbox = fields.Nested(Waiting)
    relay = fields.Nested(Relay)
    lag = fields.List(fields.Nested(Lag), allow_none=True)
    lag_unknown = fields.String(allow_none=True)
    parked = fields.Nested(ParkedSummary)
    work = fields.Nested(WorkSummary)
    says = fields.List(fields.String())
    hears = fields.List(fields.Nested(Heard))


class Operation(Schema):
    """What somebody did by hand."""

    id = fields.UUID()
    at = fields.DateTime()
    who = fields.String()
    what = fields.String()
    subject = fields.String()
    why = fields.String()


class Operations(Schema):
    """A page of them."""

    items = fields.List(fields.Nested(Operation))
    next = fields.String(allow_none=True)


class Audited(Schema):
    """What came of one check: how much was compared, how many findings there were, and the first hundred of them."""

    check = fields.String()
    at = fields.DateTime()
    compared = fields.Integer()
    findings = fields.Integer()
    report = fields.List(fields.String())


class Audits(Schema):
    """Of each check, the last."""

    items = fields.List(fields.Nested(Audited))


class Parked(Schema):
    """An event that waits. `waits_for`: its next try, a person, or an earlier event of its key."""

    id = fields.Integer()
    consumer = fields.String()
    topic = fields.String()
    key = fields.String()
    type = fields.String()
    event_id = fields.UUID()
    error = fields.String()
    tries = fields.Integer()
    waits_for = fields.String()
    next_try_at = fields.DateTime(allow_none=True)
    parked_at = fields.DateTime()
    partition = fields.Integer()
    offset = fields.Integer()


class ParkedPage(Schema):
    """A page of them, oldest first."""

    items = fields.List(fields.Nested(Parked))
    next = fields.String(allow_none=True)


class Behind(Schema):
    """An event that waits behind another."""

    id = fields.Integer()
    type = fields.String()
    event_id = fields.UUID()
    parked_at = fields.DateTime()


class BehindIt(Schema):
    """How many wait behind an event, and the next of them."""

    count = fields.Integer()
    next = fields.List(fields.Nested(Behind))


class WholeParked(Parked):
    """All of it. `payload` is JSON where `payload_is` says so, else base64; `does` is what it would set off."""

    headers = fields.Dict()
    payload = fields.Raw(allow_none=True)
    payload_is = fields.String(validate=validate.OneOf(["json", "base64", "none"]))
    kind = fields.String(allow_none=True)
    does = fields.String(allow_none=True)
    behind = fields.Nested(BehindIt)


class Cause(Schema):
    """Why keys are stuck, with one example; `events` counts what waits behind them, too."""

    type = fields.String()
    cause = fields.String()
    keys = fields.Integer()
    events = fields.Integer()
    oldest = fields.DateTime()
    example = fields.Integer()


class Causes(Schema):
    """All of them, most keys first: one page."""

    items = fields.List(fields.Nested(Cause))
    next = fields.String(allow_none=True)


class Retried(Schema):
    """How many keys are tried again, within a second or two."""

    keys = fields.Integer()


class Counted(Schema):
    """How many events of a type; `to_handle`: those of them that would have an effect."""

    type = fields.String()
    events = fields.Integer()
    to_handle = fields.Integer()


class Count(Schema):
    """What a dry run found; without `complete` there is more than there was time to look at."""

    events = fields.Integer()
    by_type = fields.List(fields.Nested(Counted))
    complete = fields.Boolean()


class SentAgain(Schema):
    """How many events are sent again, or would be; the outbox has what was said since `kept_since`."""

    events = fields.Integer()
    by_type = fields.Dict(keys=fields.String(), values=fields.Integer())
    kept_since = fields.DateTime(allow_none=True)


class ReplayState(Schema):
    """A replay, how far it has come, and what its last slice failed on, if it did."""

    id = fields.UUID()
    since = fields.DateTime()
    until = fields.DateTime()
    types = fields.List(fields.String())
    key = fields.String(allow_none=True)
    forget = fields.Boolean()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    ended_at = fields.DateTime(allow_none=True)
    trouble = fields.String(allow_none=True)
