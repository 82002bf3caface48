"""The tables of jobs, the same in every module's database."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, Uuid

from app.kernel.database import UtcDateTime

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("kind", String(60), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("requested", Integer, nullable=False),  # how often: asking again while it is done means doing it once more
    Column("due_at", UtcDateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("error", Text),
    Column("request_id", String(64)),  # the request that asked last
    Column("traceparent", String(55)),  # and the trace it is part of
)

replays = Table(  # past events that are fed to this module again: what was asked for, and how far it has come
    "replays",
    metadata,
    Column("id", Uuid, primary_key=True),  # that of its row in operations
    Column("event_filter", Text, nullable=False),  # JSON
    Column("offsets", Text, nullable=False),  # JSON: where to go on, in the transport's own terms
    Column("counts", Text, nullable=False),  # JSON: what became of the events, how many of each
    Column("ended_at", UtcDateTime),
)
