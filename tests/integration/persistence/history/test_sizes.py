"""Bytes of the tiers are those of pages, if the database reports them."""

from sqlalchemy import Engine, text

from monitor.adapters.persistence.store import SqlQueries
from tests.contracts.builders import AT, SECOND, a_chunk, a_rollup, a_sample, store_samples, stored_server
from tests.integration.persistence.conftest import NewUow

PAGE = 4096
"""Bytes of a page of SQLite; MariaDB's are a multiple."""


def reports_pages(engine: Engine) -> bool:
    """True if this SQLite was built with dbstat."""
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        return "ENABLE_DBSTAT_VTAB" in connection.scalars(text("PRAGMA compile_options")).all()


def test_bytes_are_whole_pages_and_no_estimates(engine: Engine, new_uow: NewUow, queries: SqlQueries) -> None:
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:  # its file does not shrink after other tests
            connection.execute(text("TRUNCATE TABLE history_chunks"))
    server = stored_server(new_uow).id
    store_samples(new_uow, *(a_sample(server, AT + n * SECOND) for n in range(500)))
    with new_uow() as uow:
        uow.history.save([a_chunk(server, hour, 240, bytes([hour]) * 700) for hour in range(200)])
        uow.history.save([a_rollup(server, 600, day, b"b" * 900) for day in range(30)])
        uow.commit()
    sizes = queries.history.sizes()
    assert {size.is_estimate for size in sizes.values()} == {not reports_pages(engine)}
    assert 200 * 700 < sizes["chunks"].bytes < 200 * 700 * 8
    assert sizes["600"].bytes > 30 * 900
    if reports_pages(engine):
        assert sizes["samples"].bytes % PAGE == sizes["chunks"].bytes % PAGE == 0
