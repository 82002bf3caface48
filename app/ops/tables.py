"""The tables for operators, in every module's database."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, Uuid

from app.kernel.database import UtcDateTime

metadata = MetaData()

operations = Table(  # what operators did by hand
    "operations",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7: it sorts by time
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(120), nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("why", Text, nullable=False),
)

audits = Table(  # the last result of each check
    "audits",
    metadata,
    Column("check", String(60), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("compared", Integer, nullable=False),
    Column("discrepancies", Integer, nullable=False),
    Column("report", Text, nullable=False),  # JSON list: a sentence for each of the first hundred discrepancies
)
