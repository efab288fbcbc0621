"""Alembic runs this for each command. The connection comes from `monitor.adapters.persistence.engine.migrations`."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from monitor.adapters.persistence.engine import migration_ddl  # noqa: F401 (alembic takes what it defines)
from monitor.adapters.persistence.engine.migration_lease import TABLE
from monitor.adapters.persistence.engine.schema_state import BEGUN, PROGRESS, note_next
from monitor.adapters.persistence.tables import metadata
from monitor.adapters.persistence.tables.definitions import Bytes, UtcDateTime, with_options


def render_item(kind: str, item: object, autogenerate: AutogenContext) -> str | Literal[False]:
    """Return the code of one of our types in a new script; False leaves other types to alembic."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogenerate.imports.add("from monitor.adapters.persistence.tables.definitions import UtcDateTime")
        return f"UtcDateTime({item.fsp or ''})"
    if kind == "type" and isinstance(item, Bytes):
        autogenerate.imports.add("from monitor.adapters.persistence.tables.definitions import Bytes")
        return f"Bytes({item.name!r}, {item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=with_options(metadata),
    compare_type=True,
    compare_server_default=True,
    render_as_batch=True,  # SQLite can change little of a table in place
    include_name=lambda name, kind, _: kind != "table" or name != TABLE,
    render_item=render_item,
    on_version_apply=note_next,
    **{
        BEGUN: context.config.attributes.get(BEGUN, False),
        PROGRESS: context.config.attributes.get(PROGRESS, lambda *_: None),
    },
)
with context.begin_transaction():
    context.run_migrations()
