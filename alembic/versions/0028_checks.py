"""Checks and check-ins, which are rows of another kind in the table of servers."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from monitor.adapters.persistence.engine.migration_ddl import delete_rows, has_column

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
HALF = "expand"

OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in {
        "engine": "InnoDB",
        "charset": "utf8mb4",
        "collate": "utf8mb4_bin",
        "row_format": "DYNAMIC",
    }.items()
}
BYTES = sa.LargeBinary().with_variant(mysql.BLOB(), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
TABLES = ("check_in_pings", "check_ins", "checks")
COLUMNS = ("kind", "host_id", "attempts")


def upgrade() -> None:
    op.add_column("servers", sa.Column("kind", sa.String(16), nullable=False, server_default="host"))
    op.add_column("servers", sa.Column("host_id", sa.Integer, nullable=True))
    op.add_column("servers", sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("1")))
    op.create_index("ix_servers_kind", "servers", ["kind"])
    op.create_index("ix_servers_host_id", "servers", ["host_id"])
    op.create_table(
        "checks",
        _parent("id", "checks", "servers", primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("target", sa.String(2000), nullable=False),
        sa.Column("timeout", sa.Double, nullable=False),
        sa.Column("expect_status", sa.Integer),
        sa.Column("expect_text", sa.String(500)),
        sa.Column("expect_record", sa.String(255)),
        _moment("due_at"),
        _moment("leased_until", nullable=True),
        sa.Column("holder", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        _moment("failing_since", nullable=True),
        _moment("last_at", nullable=True),
        sa.Column("last_up", sa.Boolean),
        sa.Column("last_ms", sa.Double),
        sa.Column("last_cert_days", sa.Double),
        sa.Column("last_error", sa.String(500)),
        _moment("failed_at", nullable=True),
        sa.Column("failure", sa.String(500)),
        **OPTIONS,
    )
    op.create_index("ix_checks_due_at", "checks", ["due_at"])
    op.create_table(
        "check_ins",
        _parent("id", "check_ins", "servers", primary_key=True),
        sa.Column("ping_key", sa.String(36), nullable=False),
        sa.Column("period", sa.Double),
        sa.Column("schedule", sa.String(200)),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("grace", sa.Double, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("pings", sa.Integer, nullable=False),
        _moment("last_ping_at", nullable=True),
        sa.Column("last_duration", sa.Double),
        _moment("started_at", nullable=True),
        _moment("due_at", nullable=True),
        _moment("down_at", nullable=True),
        _moment("excused_at", nullable=True),
        sa.Column("failure_is_new", sa.Boolean, nullable=False),
        sa.UniqueConstraint("ping_key", name="uq_check_ins_ping_key"),
        **OPTIONS,
    )
    op.create_index("ix_check_ins_failure_is_new", "check_ins", ["failure_is_new"])
    op.create_index("ix_check_ins_state_down_at", "check_ins", ["state", "down_at"])
    op.create_table(
        "check_in_pings",
        _parent("check_in_id", "check_in_pings", "check_ins", primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _moment("at"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("duration", sa.Double),
        sa.Column("body", BYTES),
        sa.Column("address", sa.String(45), nullable=False),
        **OPTIONS,
    )


def downgrade() -> None:
    """Checks and check-ins are deleted, with all that is known of them."""
    if has_column(op.get_bind(), "servers", "kind"):
        delete_rows(op.get_bind(), "servers", "kind <> 'host'")
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_servers_kind", "servers")
    op.drop_index("ix_servers_host_id", "servers")
    for name in COLUMNS:
        op.drop_column("servers", name)
    if op.get_bind().dialect.name != "sqlite":
        # MariaDB keeps room for dropped columns until a table is built anew. After some turns a row would be too large.
        op.execute(sa.text("ALTER TABLE servers FORCE"))


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _parent(name: str, table: str, target: str, **options: Any) -> sa.Column[int]:
    link = sa.ForeignKey(f"{target}.id", ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, sa.Integer, link, autoincrement=False, **options)
