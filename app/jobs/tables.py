"""The tables of jobs and replays, the same in the database of every module."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, Uuid

from app.kernel.database import UtcDateTime

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("kind", String(60), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("requested", Integer, nullable=False),  # how often: a job requested again while it runs is run once more
    Column("due_at", UtcDateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("error", Text),
    Column("request_id", String(64)),  # the HTTP request that caused the last request of the job
    Column("traceparent", String(55)),  # and its trace
)

replays = Table(  # replays of past events in this module: their filter and their progress
    "replays",
    metadata,
    Column("id", Uuid, primary_key=True),  # the id of its row in operations
    Column("event_filter", Text, nullable=False),  # JSON
    Column("offsets", Text, nullable=False),  # JSON: where to continue, in the transport's own terms
    Column("counts", Text, nullable=False),  # JSON: the number of events by outcome
    Column("ended_at", UtcDateTime),
)
