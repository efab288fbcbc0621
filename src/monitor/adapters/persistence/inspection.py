"""What `monitor doctor` asks of a database that may not have this version's schema."""

from sqlalchemy import func, make_url, select, text

from monitor.adapters.persistence.engine.engine import connected, create_migration_engine
from monitor.adapters.persistence.engine.schema_state import revision_of
from monitor.adapters.persistence.tables import metadata


def clock_of(url: str, here: float) -> float:
    """Return the server's time in seconds since 1970; SQLite has none but *here*. Raises StorageUnavailable."""
    if make_url(url).get_backend_name() == "sqlite":
        return here
    with connected(create_migration_engine(url)) as connection:
        return float(connection.scalar(text("SELECT UNIX_TIMESTAMP(NOW(6))")) or 0)


def content_of(url: str) -> dict[str, object]:
    """Return the revision, and the number of rows of each table. Slow: it reads whole tables."""
    with connected(create_migration_engine(url)) as connection:
        rows = {each.name: connection.scalar(select(func.count()).select_from(each)) for each in metadata.sorted_tables}
        return {"revision": revision_of(connection), "rows": rows}
