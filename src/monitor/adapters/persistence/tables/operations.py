"""Audit log, leases, heartbeats, the schema's contract, epochs, peer updates and preferences."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, String, Text

from monitor.adapters.persistence.tables.definitions import MEGABYTES, moment, numbered, table

# No foreign key to users: entries outlive the account.
audit_log = numbered(
    "audit_log",
    moment("at", index=True),
    Column("action", String(64), nullable=False),
    Column("target", String(255), nullable=False),
    Column("detail", Text, nullable=False),
    Column("user_id", Integer),
    Column("username", String(50), nullable=False),
    Column("address", String(255)),
    Index(None, "user_id", "at"),
    Index(None, "username", "at"),
    Index(None, "target", "at"),
    Index(None, "action", "at"),
)

leases = table(
    "leases",
    Column("name", String(64), primary_key=True),
    Column("holder", String(255), nullable=False),
    Column("token", BigInteger, nullable=False),
    moment("expires_at"),
)

# What serving processes have stored, for the others; see decision 12.
peer_updates = table(
    "peer_updates",
    Column("process", String(64), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("data", MEGABYTES, nullable=False),
)

# Serving processes: the number of each rises while it lives; see decision 8. *report*: what it says of itself, as JSON.
# *revision*: the newest migration that its code knows; see decision 36.
heartbeats = table(
    "heartbeats",
    Column("process", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
    moment("last_seen_at", nullable=True),
    Column("report", Text),
    Column("revision", String(32)),
)

# One row: the newest migration of the schema that code which does not know it can't run on. "": none. See decision 36.
schema_contract = table(
    "schema_contract",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", String(32), nullable=False),
)

# One row: the epoch of this database, and a number that rises while a process watches it; see decision 34.
store_epoch = table(
    "store_epoch",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", String(64), nullable=False),
    Column("number", BigInteger, nullable=False),
)

# What administrators set while the product runs: a number, or a text.
preferences = table(
    "preferences",
    Column("name", String(64), primary_key=True),
    Column("value", Double, nullable=False),
    Column("text", Text),
)
