"""The tables of operators, the same in every module's database."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, Uuid

from app.kernel.database import UtcDateTime

metadata = MetaData()

operations = Table(  # what people who run the shop did by hand
    "operations",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7: it sorts by time
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(120), nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("why", Text, nullable=False),
)

audits = Table(  # what came of each check when it was last made
    "audits",
    metadata,
    Column("check", String(60), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("compared", Integer, nullable=False),
    Column("discrepancies", Integer, nullable=False),
    Column("report", Text, nullable=False),  # JSON: a sentence for each discrepancy, the first hundred
)
