"""Secrets of channels have a column of their own, where they are encrypted.

The server encrypts what is there at its next start: only it has the key.
"""

import json

import sqlalchemy as sa
from alembic import context, op
from alembic.util.exc import CommandError

from monitor.adapters.persistence.engine.migration_ddl import has_column
from monitor.domain.errors import SecretUnreadable

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
HALF = "expand"

CHANNELS = sa.table("channels", *(sa.column(name) for name in ("id", "name", "settings", "encrypted")))


def upgrade() -> None:
    op.add_column("channels", sa.Column("encrypted", sa.Text))


def downgrade() -> None:
    """Nothing is lost.

    Decrypts them all, or changes nothing.
    """
    if has_column(op.get_bind(), "channels", "encrypted"):
        _decrypt()
    op.drop_column("channels", "encrypted")


def _decrypt() -> None:
    t, connection = CHANNELS.c, op.get_bind()
    cipher = context.config.attributes.get("cipher")
    rows = connection.execute(sa.select(CHANNELS).where(t.encrypted.is_not(None)).order_by(t.id)).all()
    if not rows:
        return
    if cipher is None:
        raise CommandError("channels hold encrypted secrets: `monitor db downgrade` can decrypt them")
    decrypted, unreadable = {}, []
    for row in rows:
        try:
            secrets = json.loads(cipher.decrypt(row.encrypted, f"channels.encrypted:{row.id}"))
        except SecretUnreadable:
            unreadable.append(repr(row.name))
        else:
            decrypted[row.id] = json.dumps({**secrets, **json.loads(row.settings)}, ensure_ascii=False)
    if unreadable:
        raise CommandError(
            f"no key reads the secrets of the channels {', '.join(unreadable)}: give theirs by MONITOR_SECRETS_KEY,"
            " MONITOR_SECRETS_KEY_FILE or MONITOR_DATA_DIR, or delete these channels first"
        )
    for channel_id, settings in decrypted.items():
        connection.execute(sa.update(CHANNELS).where(t.id == channel_id).values(settings=settings))
