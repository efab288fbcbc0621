"""Tables of servers, their links and tags, keys, and unregistered hosts."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, String, Text, text

from monitor.adapters.persistence.tables.definitions import (
    DIGEST,
    PERCENT,
    created_at,
    enum_of,
    moment,
    numbered,
    parent,
    table,
    word_of,
)
from monitor.domain.fleet.servers import LONGEST_SYSTEM, LONGEST_VERSION, Kind, Status

servers = numbered(
    "servers",
    Column("server_name", String(100), nullable=False),
    Column("ip_address", String(45), nullable=False, unique=True),
    Column("port", Integer, nullable=False, server_default=text("22")),
    Column("status", enum_of(Status, check="ck_servers_status"), nullable=False, server_default=Status.OFFLINE.value),
    created_at(),
    Column("report_interval", Double),
    moment("last_report_at", nullable=True),
    # Checks and check-ins are rows of another kind, see `domain.fleet.servers`.
    Column("kind", word_of(Kind), nullable=False, server_default=Kind.HOST.value, index=True),
    Column("host_id", Integer, index=True),
    Column("attempts", Integer, nullable=False, server_default=text("1")),
    Column("paused", Boolean, nullable=False, server_default=text("0")),
    Column("agent_version", String(LONGEST_VERSION)),
    Column("agent_os", String(LONGEST_SYSTEM)),
)
IS_HOST = servers.c.kind == Kind.HOST
OTHER_KINDS = [kind for kind in Kind if kind is not Kind.HOST]

# *facts*: JSON. It stands before *at*: MySQL sets columns in this order, and *at* says whether they are newer.
host_facts = table(
    "host_facts",
    parent("server_id", "servers.id", primary_key=True),
    Column("facts", Text, nullable=False),
    moment("at"),
)

server_users = table(
    "server_users",
    parent("user_id", "users.id", primary_key=True),
    parent("server_id", "servers.id", primary_key=True, index=True),
)

# *server_id*: a server or check. *parent_id*: what it depends on.
dependencies = table(
    "dependencies",
    parent("server_id", "servers.id", primary_key=True),
    parent("parent_id", "servers.id", primary_key=True, index=True),
)

server_tags = table(
    "server_tags",
    parent("server_id", "servers.id", primary_key=True),
    Column("tag", String(50), primary_key=True, index=True),
)

api_keys = numbered(
    "api_keys",
    Column("name", String(100), nullable=False),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    created_at(),
    parent("server_id", "servers.id", index=True),
    parent("owner_id", "users.id", "SET NULL", index=True),
    moment("last_used_at", nullable=True),
)

unregistered_hosts = table(
    "unregistered_hosts",
    Column("ip_address", String(45), primary_key=True),
    moment("first_seen_at"),
    moment("last_seen_at", index=True),
    Column("reports", BigInteger, nullable=False),
    Column("cpu_value", PERCENT, nullable=False),
    Column("memory_value", PERCENT, nullable=False),
    Column("disk_value", PERCENT, nullable=False),
)

# One row, made by the first migration.
fleet_revision = table(
    "fleet_revision",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
)

# What each revision changed: the id of a server, key or user, and 0 for parts that change as a whole.
fleet_log = table(
    "fleet_log",
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("part", String(16), primary_key=True),
    Column("object_id", Integer, primary_key=True, autoincrement=False),
)
