"""Users, sessions, guesses of passwords, and the creators of servers and policies, for the quotas."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, text

from monitor.adapters.persistence.tables.definitions import (
    DIGEST,
    OPTIONS,
    WITHOUT_REUSE,
    created_at,
    enum_of,
    metadata,
    moment,
    parent,
    ranks_of,
)
from monitor.domain.accounts.actors import Role
from monitor.domain.levels import Level

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(50), nullable=False, unique=True),
    Column("password", String(255), nullable=False),
    Column("role", enum_of(Role, check="ck_users_role"), nullable=False, server_default=Role.USER.value),
    created_at(),
    Column("username_key", String(200), unique=True),  # NULL in rows inserted by hand; `SqlUsers` fills it
    Column("email", String(254)),
    Column("locale", String(16), nullable=False, server_default="zh-CN"),
    Column("token_version", Integer, nullable=False, server_default=text("0")),
    Column("has_default_password", Boolean, nullable=False, server_default=text("0")),
    Column("has_common_password", Boolean, nullable=False, server_default=text("0")),
    Column("has_temporary_password", Boolean, nullable=False, server_default=text("0")),
    Column("alert_level", ranks_of(Level), nullable=False, server_default="warning"),
    **WITHOUT_REUSE,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    parent("user_id", "users.id", nullable=False, index=True),
    Column("token_digest", DIGEST, nullable=False, unique=True),
    Column("previous_digest", DIGEST),
    moment("created_at"),
    moment("last_used_at"),
    moment("expires_at", index=True),
    Column("user_agent", String(255), nullable=False),
    Column("address", String(255), nullable=False),
    **OPTIONS,
)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("account", String(200), nullable=False),
    Column("source", String(200), nullable=False),
    moment("at", index=True),
    Index(None, "kind", "account", "at"),
    Index(None, "kind", "source", "at"),
    **WITHOUT_REUSE,
)

# No foreign keys: the claims of a ticket are checked at its use, like those of a token.
live_tickets = Table(
    "live_tickets",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("user_id", Integer, nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("token_version", Integer, nullable=False),
    moment("claims_expire_at"),
    moment("expires_at", index=True),
    **OPTIONS,
)

server_makers = Table(
    "server_makers",
    metadata,
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
    **OPTIONS,
)

policy_makers = Table(
    "policy_makers",
    metadata,
    parent("policy_id", "alert_policies.id", primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
    **OPTIONS,
)
