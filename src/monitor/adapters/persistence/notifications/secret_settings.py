"""Settings of channels and ways. Secret ones are encrypted, and bound to the table and id of their row.

Column *encrypted*: the secret settings as JSON. Column *settings*: the plain ones.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, bindparam, select, update

from monitor.adapters.persistence.engine.statements import without_traces
from monitor.application.ports import Cipher
from monitor.domain.errors import SecretUnreadable
from monitor.domain.notifications.channels import PLAIN_SETTINGS

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


def plain_settings(settings: Mapping[str, str]) -> str:
    return _encode({name: value for name, value in settings.items() if name in PLAIN_SETTINGS}).decode()


def encrypted_settings(cipher: Cipher, table: Table, row_id: int, settings: Mapping[str, str]) -> str | None:
    secrets = {name: value for name, value in settings.items() if name not in PLAIN_SETTINGS}
    return cipher.encrypt(_encode(secrets).decode(), _place(table, row_id)) if secrets else None


def read_settings(cipher: Cipher, table: Table, row: Row[Any]) -> tuple[dict[str, str], bool]:
    """Return the settings, and whether all could be read.

    A secret in plain text is newer than an encrypted one: an older version that still runs wrote it.
    """
    settings = _decode(row.settings)
    if row.encrypted is None:
        return settings, True
    try:
        return _decode(cipher.decrypt(row.encrypted, _place(table, row.id))) | settings, True
    except SecretUnreadable:
        return settings, not settings.keys() <= PLAIN_SETTINGS


def reencrypt(connection: Connection, cipher: Cipher, table: Table) -> bool:
    """Encrypt what is stored in plain text or under an older key. Return whether anything was."""
    rows = connection.execute(select(table).order_by(table.c.id).with_for_update())
    old = [(row.id, *read_settings(cipher, table, row)) for row in rows if not _is_current(cipher, row)]
    changes = [
        {
            "this": row_id,
            "settings": plain_settings(settings),
            "encrypted": encrypted_settings(cipher, table, row_id, settings),
        }
        for row_id, settings, readable in old
        if readable
    ]
    if changes:
        with without_traces(connection):
            connection.execute(update(table).where(table.c.id == bindparam("this")), changes)
    return bool(changes)


def _is_current(cipher: Cipher, row: Row[Any]) -> bool:
    is_encrypted_now = row.encrypted is None or cipher.is_current(row.encrypted)
    return is_encrypted_now and _decode(row.settings).keys() <= PLAIN_SETTINGS


def _place(table: Table, row_id: int) -> str:
    return f"{table.name}.encrypted:{row_id}"
