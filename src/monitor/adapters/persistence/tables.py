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

from monitor.adapters.persistence.types import (
    DIGEST,
    MICROSECONDS,
    PERCENT,
    UtcDateTime,
    current_time,
    enum_of,
    ranks_of,
    word_of,
)
from monitor.domain.actors import Role
from monitor.domain.alert_engine import Level
from monitor.domain.alerts import AlertState, Happening
from monitor.domain.channels import ChannelKind
from monitor.domain.notifications import Delivery
from monitor.domain.policies import Direction
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
    Column("alert_level", ranks_of(Level), nullable=False, server_default="warning"),
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

# Durations in seconds. *scope_key* says in one text what server_id and tag say, so that it can be unique.
alert_policies = Table(
    "alert_policies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("metric", String(64), nullable=False),
    Column("scope_key", String(64), nullable=False),
    _parent("server_id", "servers.id", index=True),
    Column("tag", String(50)),
    Column("warning", Double),
    Column("critical", Double),
    Column("direction", enum_of(Direction), nullable=False),
    Column("sustained_for", Double, nullable=False),
    Column("clear_margin", Double, nullable=False),
    Column("clear_for", Double, nullable=False),
    Column("enabled", Boolean, nullable=False),
    UniqueConstraint("metric", "scope_key"),
    **_WITHOUT_REUSE,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("server_id", "servers.id", nullable=False),
    _parent("policy_id", "alert_policies.id", "SET NULL", index=True),
    Column("metric", String(64), nullable=False),
    Column("level", ranks_of(Level), nullable=False),
    Column("state", enum_of(AlertState), nullable=False),
    Column("value", Double, nullable=False),
    Column("threshold", Double),
    _moment("started_at"),
    _moment("fired_at", index=True),
    _moment("resolved_at", nullable=True),
    _parent("acknowledged_by", "users.id", "SET NULL", index=True),
    _moment("acknowledged_at", nullable=True),
    _moment("last_told_at", nullable=True),
    Column("late", Boolean, nullable=False),
    Column("flapping", Boolean, nullable=False, index=True),
    Column("processes", Text),
    Index(None, "server_id", "id"),
    Index(None, "state", "id"),
    Index(None, "server_id", "metric", "fired_at"),
    Index(None, "server_id", "metric", "resolved_at"),
    **_WITHOUT_REUSE,
)

# What the engine remembers, in microseconds since 1970. No foreign keys to policies and alerts: a process that has not
# yet heard of a policy's end may store a state under it, which it then closes like any other that nothing watches.
alert_states = Table(
    "alert_states",
    metadata,
    _parent("server_id", "servers.id", primary_key=True),
    Column("metric", String(64), primary_key=True),
    Column("policy_id", Integer, nullable=False),
    Column("alert_id", Integer),
    Column("level", ranks_of(Level), nullable=False),
    Column("seen", BigInteger),
    Column("warning_since", BigInteger),
    Column("critical_since", BigInteger),
    Column("clear_since", BigInteger),
    Column("calm_since", BigInteger),
    Column("version", Integer, nullable=False),
    **_OPTIONS,
)

alert_timeline = Table(
    "alert_timeline",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("alert_id", "alerts.id", nullable=False),
    _moment("at"),
    Column("happening", word_of(Happening), nullable=False),
    Column("level", ranks_of(Level)),
    Column("value", Double),
    Column("username", String(50)),
    Column("recipient", String(254)),
    Column("channel", String(100)),
    Column("note", Text),
    Index(None, "alert_id", "at"),
    **_WITHOUT_REUSE,
)

silences = Table(
    "silences",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("server_id", "servers.id", index=True),
    Column("tag", String(50)),
    Column("metric", String(64)),
    _moment("starts_at"),
    _moment("ends_at"),
    Column("recurrence", Text),
    Column("reason", String(500), nullable=False),
    _moment("created_at"),
    _parent("created_by", "users.id", "SET NULL", index=True),
    **_WITHOUT_REUSE,
)

channels = Table(
    "channels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("kind", word_of(ChannelKind), nullable=False),
    Column("settings", Text, nullable=False),
    Column("least_level", ranks_of(Level), nullable=False),
    Column("enabled", Boolean, nullable=False),
    _moment("created_at"),
    **_WITHOUT_REUSE,
)

# The outbox. *target* is the user or the channel in one text, never NULL, so that it can be unique. Whom something was
# told is known for longer than the server, the person or the channel is there: no foreign key to servers, and the
# others let go.
notifications = Table(
    "notifications",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("alert_id", "alerts.id", "SET NULL", index=True),
    _parent("event_id", "alert_timeline.id", "SET NULL"),
    _parent("user_id", "users.id", "SET NULL", index=True),
    _parent("channel_id", "channels.id", "SET NULL", index=True),
    Column("target", String(24), nullable=False),
    Column("happening", word_of(Happening), nullable=False),
    Column("server_id", Integer, nullable=False),
    Column("server_name", String(100), nullable=False),
    Column("ip_address", String(45), nullable=False),
    Column("metric", String(64), nullable=False),
    Column("level", ranks_of(Level), nullable=False),
    Column("value", Double),
    Column("note", Text, nullable=False),
    _moment("created_at", index=True),
    Column("delivery", enum_of(Delivery), nullable=False),
    _moment("not_before"),
    _moment("leased_until", nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("address", String(254), nullable=False),
    Column("message_id", String(255), nullable=False),
    _moment("sent_at", nullable=True),
    Column("ack_digest", DIGEST, index=True),
    UniqueConstraint("event_id", "target"),
    Index(None, "delivery", "target", "not_before"),
    Index(None, "delivery", "id"),
    Index(None, "server_id", "id"),
    **_WITHOUT_REUSE,
)

# What administrators set while the product runs.
preferences = Table(
    "preferences",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Double, nullable=False),
    **_OPTIONS,
)
