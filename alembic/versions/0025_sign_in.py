"""Second factors, passkeys, single sign-on, personal tokens, teams, mails about accounts, indexes of the audit log."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "index audit_log, index audit_log, index audit_log, index audit_log"

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
WITHOUT_REUSE: dict[str, Any] = {**OPTIONS, "sqlite_autoincrement": True}
DIGEST = sa.LargeBinary().with_variant(mysql.BINARY(32), "mysql", "mariadb")
BYTES = sa.LargeBinary().with_variant(mysql.BLOB(), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
TABLES = (
    "account_mails",
    "team_tags",
    "team_servers",
    "team_users",
    "teams",
    "personal_tokens",
    "identities",
    "passkeys",
    "recovery_codes",
    "totp_secrets",
    "challenges",
)
AUDIT_INDEXES = ("user_id", "username", "target", "action")
"""Columns by which people search the audit log, each together with the time."""


def upgrade() -> None:
    op.add_column("sessions", sa.Column("authenticated_at", MOMENT, nullable=True))
    op.add_column("sessions", sa.Column("sign_in", sa.String(16), nullable=False, server_default="password"))
    op.add_column("sessions", sa.Column("encrypted_id_token", sa.Text, nullable=True))
    op.add_column("live_tickets", sa.Column("token_id", sa.Integer, nullable=True))
    for column in AUDIT_INDEXES:
        op.create_index(f"ix_audit_log_{column}_at", "audit_log", [column, "at"])
    _create_factors()
    _create_identities()
    _create_teams()
    op.create_table(
        "account_mails",
        _id(),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("changed_by", sa.String(50), nullable=False),
        sa.Column("address", sa.String(255), nullable=False),
        _moment("at"),
        _moment("not_before"),
        _moment("leased_until", nullable=True),
        sa.Column("holder", sa.String(64)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        **WITHOUT_REUSE,
    )
    op.create_index("ix_account_mails_not_before", "account_mails", ["not_before"])


def _create_factors() -> None:
    op.create_table(
        "challenges",
        sa.Column("digest", DIGEST, primary_key=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("data", sa.Text, nullable=False),
        _moment("expires_at"),
        **OPTIONS,
    )
    op.create_index("ix_challenges_expires_at", "challenges", ["expires_at"])
    op.create_table(
        "totp_secrets",
        _parent("user_id", "totp_secrets", "users", primary_key=True),
        sa.Column("encrypted", sa.Text, nullable=False),
        _moment("created_at"),
        _moment("confirmed_at", nullable=True),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        **OPTIONS,
    )
    op.create_table(
        "recovery_codes",
        _parent("user_id", "recovery_codes", "users", primary_key=True),
        sa.Column("digest", DIGEST, primary_key=True),
        _moment("used_at", nullable=True),
        **OPTIONS,
    )
    op.create_table(
        "passkeys",
        _id(),
        _parent("user_id", "passkeys", "users", nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("user_handle", DIGEST, nullable=False),
        sa.Column("credential_digest", DIGEST, nullable=False),
        sa.Column("credential_id", BYTES, nullable=False),
        sa.Column("public_key", BYTES, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("transports", sa.String(255), nullable=False),
        _moment("created_at"),
        _moment("last_used_at", nullable=True),
        _moment("cloned_at", nullable=True),
        sa.UniqueConstraint("credential_digest", name="uq_passkeys_credential_digest"),
        **WITHOUT_REUSE,
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])


def _create_identities() -> None:
    op.create_table(
        "identities",
        _id(),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        _parent("user_id", "identities", "users", nullable=False),
        sa.Column("username", sa.String(255), nullable=False),
        sa.Column("email", sa.String(254)),
        _moment("created_at"),
        _moment("last_used_at"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
        **WITHOUT_REUSE,
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])
    op.create_table(
        "personal_tokens",
        _id(),
        _parent("user_id", "personal_tokens", "users", nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
        _moment("last_used_at", nullable=True),
        sa.Column("last_address", sa.String(255)),
        sa.UniqueConstraint("digest", name="uq_personal_tokens_digest"),
        **WITHOUT_REUSE,
    )
    op.create_index("ix_personal_tokens_user_id", "personal_tokens", ["user_id"])


def _create_teams() -> None:
    op.create_table(
        "teams",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("access", sa.String(16), nullable=False),
        sa.Column("oidc_group", sa.String(255)),
        _moment("created_at"),
        sa.UniqueConstraint("name_key", name="uq_teams_name_key"),
        **WITHOUT_REUSE,
    )
    op.create_index("ix_teams_oidc_group", "teams", ["oidc_group"])
    for table, column, parent in (("team_users", "user_id", "users"), ("team_servers", "server_id", "servers")):
        op.create_table(
            table,
            _parent("team_id", table, "teams", primary_key=True),
            _parent(column, table, parent, primary_key=True),
            **OPTIONS,
        )
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_table(
        "team_tags",
        _parent("team_id", "team_tags", "teams", primary_key=True),
        sa.Column("tag", sa.String(50), primary_key=True),
        **OPTIONS,
    )
    op.create_index("ix_team_tags_tag", "team_tags", ["tag"])


def downgrade() -> None:
    """Second factors, passkeys, single sign-on, personal tokens and teams are deleted."""
    for table in TABLES:
        op.drop_table(table)
    for column in ("authenticated_at", "sign_in", "encrypted_id_token"):
        op.drop_column("sessions", column)
    op.drop_column("live_tickets", "token_id")
    for column in AUDIT_INDEXES:
        op.drop_index(f"ix_audit_log_{column}_at", "audit_log")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _parent(name: str, table: str, target: str, **options: Any) -> sa.Column[int]:
    link = sa.ForeignKey(f"{target}.id", ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, sa.Integer, link, autoincrement="ignore_fk" if "nullable" in options else False, **options)
