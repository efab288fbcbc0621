"""Users can be inserted by hand, and SQLite refuses an unknown role or status as MySQL's ENUM does."""

import sqlalchemy as sa
from alembic import op

from monitor.adapters.persistence.engine.migration_ddl import changing

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
HALF = "expand"

KEY = sa.String(200)
USERS = sa.table("users", *(sa.column(name) for name in ("id", "username", "username_key")))


def upgrade() -> None:
    if _is_sqlite():  # whatever it says, it was taken for no administrator's
        op.execute("UPDATE users SET role = 'user' WHERE role NOT IN ('admin', 'user')")
        op.execute("UPDATE servers SET status = 'offline' WHERE status NOT IN ('online', 'offline')")
    with changing("users") as users:
        users.alter_column("username_key", existing_type=KEY, nullable=True)
        users.alter_column(
            "token_version", existing_type=sa.Integer, existing_nullable=False, server_default=sa.text("0")
        )
        if _is_sqlite():
            users.create_check_constraint("ck_users_role", "role IN ('admin', 'user')")
    if _is_sqlite():
        with changing("servers") as servers:
            servers.create_check_constraint("ck_servers_status", "status IN ('online', 'offline')")


def downgrade() -> None:
    """Nothing is lost."""
    from monitor.adapters.persistence.accounts.users import stored_key

    t, connection = USERS.c, op.get_bind()
    for row in connection.execute(sa.select(t.id, t.username).where(t.username_key.is_(None))).all():
        taken = connection.scalar(sa.select(t.id).where(t.username_key == stored_key(row.username)))
        key = stored_key(row.username) if taken is None else f"{row.id} {row.username}"
        connection.execute(sa.update(USERS).where(t.id == row.id).values(username_key=key))
    if _is_sqlite():
        with changing("servers") as servers:
            servers.drop_constraint("ck_servers_status", type_="check")
    with changing("users") as users:
        if _is_sqlite():
            users.drop_constraint("ck_users_role", type_="check")
        users.alter_column("token_version", existing_type=sa.Integer, existing_nullable=False, server_default=None)
        users.alter_column("username_key", existing_type=KEY, nullable=False)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
