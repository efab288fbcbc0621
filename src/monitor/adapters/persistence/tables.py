"""The schema. `users`, `servers`, `server_users` and `monitor_data` are documented, with these names and types, to be
read by other programs: columns may be added to them, the present ones stay.

On MySQL every text compares by code point, as on SQLite: otherwise its UNIQUE would take "ä" for "A", and be stricter
than the domain is. Ids of deleted rows never come again on SQLite (AUTOINCREMENT). MySQL before 8.0 may reuse the
highest ones after a restart, and nothing can be done about that in a table definition; a user's `token_version` is
random for that reason, so that the old tokens do not open the new account.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from monitor.adapters.persistence.types import DIGEST, MICROSECONDS, PERCENT, UtcDateTime, current_time, enum_of
from monitor.domain.actors import Role
from monitor.domain.servers import Status

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
_OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in {
        "engine": "InnoDB",
        "charset": "utf8mb4",
        "collate": "utf8mb4_bin",
        "row_format": "DYNAMIC",
    }.items()
}
_WITHOUT_REUSE: dict[str, Any] = _OPTIONS | {"sqlite_autoincrement": True}


def _created_at() -> Column[Any]:
    return Column("created_at", UtcDateTime(), nullable=False, server_default=func.current_timestamp())


def _moment(name: str, **options: Any) -> Column[Any]:
    return Column(name, UtcDateTime(MICROSECONDS), **({"nullable": False} | options))


def _parent(name: str, target: str, ondelete: str = "CASCADE", **options: Any) -> Column[Any]:
    return Column(name, Integer, ForeignKey(target, ondelete=ondelete), **options)


users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(50), nullable=False, unique=True),
    Column("password", String(255), nullable=False),
    Column("role", enum_of(Role), nullable=False, server_default=Role.USER.value),
    _created_at(),
    Column("username_key", String(200), nullable=False, unique=True),
    Column("email", String(254)),
    Column("locale", String(16), nullable=False, server_default="zh-CN"),
    Column("token_version", Integer, nullable=False),
    Column("has_default_password", Boolean, nullable=False, server_default=text("0")),
    Column("has_common_password", Boolean, nullable=False, server_default=text("0")),
    **_WITHOUT_REUSE,
)

servers = Table(
    "servers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("server_name", String(100), nullable=False),
    Column("ip_address", String(45), nullable=False, unique=True),
    Column("port", Integer, nullable=False, server_default=text("22")),
    Column("status", enum_of(Status), nullable=False, server_default=Status.OFFLINE.value),
    _created_at(),
    Column("report_interval", Double),
    _moment("last_report_at", nullable=True),
    **_WITHOUT_REUSE,
)

server_users = Table(
    "server_users",
    metadata,
    _parent("user_id", "users.id", primary_key=True),
    _parent("server_id", "servers.id", primary_key=True, index=True),
    **_OPTIONS,
)

server_tags = Table(
    "server_tags",
    metadata,
    _parent("server_id", "servers.id", primary_key=True),
    Column("tag", String(50), primary_key=True, index=True),
    **_OPTIONS,
)

monitor_data = Table(
    "monitor_data",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("server_id", "servers.id", nullable=False),
    Column("ip_address", String(45), nullable=False),
    Column("cpu_value", PERCENT, nullable=False),
    Column("memory_value", PERCENT, nullable=False),
    Column("disk_value", PERCENT, nullable=False),
    _moment("recorded_at", server_default=current_time()),
    _moment("received_at", server_default=current_time()),
    Column("extra", Text),
    UniqueConstraint("server_id", "recorded_at"),
    Index(None, "recorded_at", "server_id"),
    **_WITHOUT_REUSE,
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    _created_at(),
    _parent("server_id", "servers.id", index=True),
    _parent("owner_id", "users.id", "SET NULL", index=True),
    _moment("last_used_at", nullable=True),
    **_WITHOUT_REUSE,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    _parent("user_id", "users.id", nullable=False, index=True),
    Column("token_digest", DIGEST, nullable=False, unique=True),
    Column("previous_digest", DIGEST, index=True),
    _moment("created_at"),
    _moment("last_used_at"),
    _moment("expires_at", index=True),
    Column("user_agent", String(255), nullable=False),
    Column("address", String(255), nullable=False),
    **_OPTIONS,
)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username_key", String(200), nullable=False),
    Column("address", String(200), nullable=False),
    _moment("at", index=True),
    Index(None, "username_key", "at"),
    Index(None, "address", "at"),
    **_WITHOUT_REUSE,
)

# No foreign keys: what a ticket stands for is checked, like any token, when it is used.
live_tickets = Table(
    "live_tickets",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("user_id", Integer, nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("token_version", Integer, nullable=False),
    _moment("claims_expire_at"),
    _moment("expires_at", index=True),
    **_OPTIONS,
)

unregistered_hosts = Table(
    "unregistered_hosts",
    metadata,
    Column("ip_address", String(45), primary_key=True),
    _moment("first_seen_at"),
    _moment("last_seen_at", index=True),
    Column("reports", BigInteger, nullable=False),
    Column("cpu_value", PERCENT, nullable=False),
    Column("memory_value", PERCENT, nullable=False),
    Column("disk_value", PERCENT, nullable=False),
    **_OPTIONS,
)

# No foreign key to users: what somebody did is known for longer than their account lives.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    _moment("at", index=True),
    Column("action", String(64), nullable=False),
    Column("target", String(255), nullable=False),
    Column("detail", Text, nullable=False),
    Column("user_id", Integer),
    Column("username", String(50), nullable=False),
    Column("address", String(255)),
    **_WITHOUT_REUSE,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(255), nullable=False),
    Column("token", BigInteger, nullable=False),
    _moment("expires_at"),
    **_OPTIONS,
)

# One row, made by the first migration.
fleet_revision = Table(
    "fleet_revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    **_OPTIONS,
)
