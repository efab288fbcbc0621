"""Open a database for a program: the schema is made, or upgraded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.migration_plans import MigrationRefused
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.assembly import Around, Senders, on_sql
from monitor.container import Container
from monitor.domain.errors import InvalidInput, Problem
from monitor.errors import SchemaUnsuitable
from monitor.settings import SettingsError, load
from monitor.settings.kept_secrets import jwt_secret, prepare_data_dir, secrets_cipher


def opened(url: str, data_dir: Path | str | None, around: Around, more: Senders, given: Mapping[str, Any]) -> Container:
    """Raises InvalidInput, SchemaUnsuitable, StorageUnavailable."""
    directory = Path(data_dir) if data_dir is not None else _beside(url)
    if not url:
        raise InvalidInput({"url": Problem("required")})
    try:
        settings = load({"DATABASE_URL": url}, data_dir=directory)
        prepare_data_dir(settings.data_dir)
        if version_of(settings.database_url) in (SchemaVersion.PART, SchemaVersion.NEWER):
            raise SchemaUnsuitable
        try:
            migrations.upgrade(settings.database_url)
        except MigrationRefused as refused:
            raise SchemaUnsuitable(str(refused)) from None
        return on_sql(settings, jwt_secret(settings), secrets_cipher(settings), around, more, **given)
    except SettingsError as error:
        raise InvalidInput({"url": Problem("invalid_setting", {"why": str(error)})}) from error


def _beside(url: str) -> Path | None:
    """Return the directory of SQLite's file; None for another database."""
    scheme, _, path = url.partition(":///")
    return Path(path).parent if scheme == "sqlite" and path else None
