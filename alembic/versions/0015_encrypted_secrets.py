"""Secrets of channels have a column of their own, where they are encrypted.

The server encrypts what is there at its next start: only it has the key.
"""

import json

import sqlalchemy as sa
from alembic import context, op
from alembic.util.exc import CommandError

from monitor.domain.errors import SecretUnreadable

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CHANNELS = sa.table("channels", sa.column("id"), sa.column("settings", sa.Text), sa.column("encrypted", sa.Text))


def upgrade() -> None:
    op.add_column("channels", sa.Column("encrypted", sa.Text))


def downgrade() -> None:
    """Decrypts them. What no key reads is lost."""
    t, connection = CHANNELS.c, op.get_bind()
    cipher = context.config.attributes.get("cipher")
    for row in connection.execute(sa.select(CHANNELS).where(t.encrypted.is_not(None))).all():
        if cipher is None:
            raise CommandError("channels hold encrypted secrets: `monitor db downgrade` can decrypt them")
        try:
            secrets = json.loads(cipher.decrypt(row.encrypted, f"channels.encrypted:{row.id}"))
        except SecretUnreadable:
            continue
        settings = json.dumps({**json.loads(row.settings), **secrets}, ensure_ascii=False)
        connection.execute(sa.update(CHANNELS).where(t.id == row.id).values(settings=settings))
    op.drop_column("channels", "encrypted")
