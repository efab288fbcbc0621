"""The seed's four tables, and what accounts, agents' keys, intake and background work need besides."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
HALF = "expand"

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
PERCENT = sa.Numeric(5, 2)
DIGEST = sa.LargeBinary(32).with_variant(mysql.BINARY(32), "mysql", "mariadb")
TABLES = (
    "users",
    "servers",
    "server_users",
    "server_tags",
    "monitor_data",
    "api_keys",
    "sessions",
    "login_attempts",
    "live_tickets",
    "unregistered_hosts",
    "audit_log",
    "leases",
    "fleet_revision",
)


def upgrade() -> None:
    _accounts_and_fleet()
    _samples()
    _keys_and_sessions()
    _the_rest()


def downgrade() -> None:
    """Everything is deleted: servers, users, samples, keys and the audit log."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _accounts_and_fleet() -> None:
    _table(
        "users",
        _id(),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("role", sa.Enum("admin", "user", name="role"), nullable=False, server_default="user"),
        _created_at(),
        sa.Column("username_key", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("locale", sa.String(16), nullable=False, server_default="zh-CN"),
        sa.Column("token_version", sa.Integer, nullable=False),
        sa.Column("has_default_password", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.Column("has_common_password", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("username", name="uq_users_username"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
    )
    _table(
        "servers",
        _id(),
        sa.Column("server_name", sa.String(100), nullable=False),
        sa.Column("ip_address", sa.String(45), nullable=False),
        sa.Column("port", sa.Integer, nullable=False, server_default=sa.text("22")),
        sa.Column("status", sa.Enum("online", "offline", name="status"), nullable=False, server_default="offline"),
        _created_at(),
        sa.Column("report_interval", sa.Double),
        sa.Column("last_report_at", MOMENT),
        sa.UniqueConstraint("ip_address", name="uq_servers_ip_address"),
    )
    _table(
        "server_users",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "server_id", name="pk_server_users"),
        _parent("server_users", "user_id", "users.id"),
        _parent("server_users", "server_id", "servers.id"),
        _index("server_users", "server_id"),
    )
    _table(
        "server_tags",
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("tag", sa.String(50), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "tag", name="pk_server_tags"),
        _parent("server_tags", "server_id", "servers.id"),
        _index("server_tags", "tag"),
    )


def _samples() -> None:
    # SQLite's own has no fractions, and would not sort among the times that the program writes.
    now = "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))" if _is_sqlite() else "CURRENT_TIMESTAMP(6)"
    _table(
        "monitor_data",
        _id(),
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("ip_address", sa.String(45), nullable=False),
        sa.Column("cpu_value", PERCENT, nullable=False),
        sa.Column("memory_value", PERCENT, nullable=False),
        sa.Column("disk_value", PERCENT, nullable=False),
        _moment("recorded_at", server_default=sa.text(now.replace(":", r"\:"))),
        _moment("received_at", server_default=sa.text(now.replace(":", r"\:"))),
        sa.Column("extra", sa.Text),
        _parent("monitor_data", "server_id", "servers.id"),
        sa.UniqueConstraint("server_id", "recorded_at", name="uq_monitor_data_server_id_recorded_at"),
        _index("monitor_data", "recorded_at", "server_id"),
    )


def _keys_and_sessions() -> None:
    _table(
        "api_keys",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        _created_at(),
        sa.Column("server_id", sa.Integer),
        sa.Column("owner_id", sa.Integer),
        _moment("last_used_at", nullable=True),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        _parent("api_keys", "server_id", "servers.id"),
        _parent("api_keys", "owner_id", "users.id", "SET NULL"),
        _index("api_keys", "server_id"),
        _index("api_keys", "owner_id"),
    )
    _table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("token_digest", DIGEST, nullable=False),
        sa.Column("previous_digest", DIGEST),
        _moment("created_at"),
        _moment("last_used_at"),
        _moment("expires_at"),
        sa.Column("user_agent", sa.String(255), nullable=False),
        sa.Column("address", sa.String(255), nullable=False),
        sa.UniqueConstraint("token_digest", name="uq_sessions_token_digest"),
        _parent("sessions", "user_id", "users.id"),
        _index("sessions", "user_id"),
        _index("sessions", "previous_digest"),
        _index("sessions", "expires_at"),
    )
    _table(
        "login_attempts",
        _id(),
        sa.Column("username_key", sa.String(200), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        _moment("at"),
        _index("login_attempts", "at"),
        _index("login_attempts", "username_key", "at"),
        _index("login_attempts", "address", "at"),
    )
    _table(
        "live_tickets",
        sa.Column("digest", DIGEST, primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("token_version", sa.Integer, nullable=False),
        _moment("claims_expire_at"),
        _moment("expires_at"),
        _index("live_tickets", "expires_at"),
    )


def _the_rest() -> None:
    _table(
        "unregistered_hosts",
        sa.Column("ip_address", sa.String(45), primary_key=True),
        _moment("first_seen_at"),
        _moment("last_seen_at"),
        sa.Column("reports", sa.BigInteger, nullable=False),
        sa.Column("cpu_value", PERCENT, nullable=False),
        sa.Column("memory_value", PERCENT, nullable=False),
        sa.Column("disk_value", PERCENT, nullable=False),
        _index("unregistered_hosts", "last_seen_at"),
    )
    _table(
        "audit_log",
        _id(),
        _moment("at"),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target", sa.String(255), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("address", sa.String(255)),
        _index("audit_log", "at"),
    )
    _table(
        "leases",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(255), nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        _moment("expires_at"),
    )
    _table(
        "fleet_revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    if op.get_bind().execute(sa.text("SELECT id FROM fleet_revision")).first() is None:
        op.execute("INSERT INTO fleet_revision (id, revision) VALUES (1, 0)")


def _table(name: str, *items: Any) -> None:
    options: dict[str, Any] = {
        f"{dialect}_{option}": value
        for dialect in ("mysql", "mariadb")
        for option, value in {
            "engine": "InnoDB",
            "charset": "utf8mb4",
            "collate": "utf8mb4_bin",
            "row_format": "DYNAMIC",
        }.items()
    }
    if name != "fleet_revision" and items[0].name == "id" and isinstance(items[0].type, sa.Integer):
        options["sqlite_autoincrement"] = True  # ids of deleted rows never come again
    op.create_table(name, *items, **options)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _created_at() -> sa.Column[Any]:
    return sa.Column("created_at", sa.DateTime, nullable=False, server_default=sa.text("CURRENT_TIMESTAMP"))


def _moment(name: str, *, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable, **options)


def _parent(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=ondelete)


def _index(table: str, *columns: str) -> sa.Index:
    return sa.Index(f"ix_{table}_{'_'.join(columns)}", *columns)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
