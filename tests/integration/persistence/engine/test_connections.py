"""Settings of connections, for durability, isolation and privacy."""

import stat
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, QueuePool, event, text

from monitor.adapters.persistence.engine.engine import connected, create_engine
from monitor.adapters.persistence.engine.mysql import server_of
from monitor.adapters.persistence.store import SqlQueries
from monitor.domain.errors import TransactionLost
from tests.integration.persistence.conftest import POOL_SIZE


def asked(engine: Engine, *questions: str) -> list[object]:
    with engine.connect() as connection:
        return [connection.execute(text(question)).scalar_one() for question in questions]


def test_sqlite_is_durable_and_enforces_links(sqlite_engine: Engine) -> None:
    full = 2
    answers = asked(sqlite_engine, "PRAGMA journal_mode", "PRAGMA synchronous", "PRAGMA foreign_keys")
    assert answers == ["wal", full, 1]


def test_few_of_many_sqlite_connections_stay_open(sqlite_engine: Engine) -> None:
    """Each takes 0.2 MB. None has to be waited for."""
    with ExitStack() as stack:
        for _ in range(POOL_SIZE):
            stack.enter_context(sqlite_engine.connect())
    assert isinstance(sqlite_engine.pool, QueuePool)
    assert 6 == sqlite_engine.pool.checkedin()


def test_an_sqlite_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """And the files beside it, and a directory that was missing."""
    path = tmp_path / "data" / "deep" / "monitor.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    engine.dispose()

    assert modes == {"monitor.db": 0o600, "monitor.db-wal": 0o600, "monitor.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_mysql_sessions_are_in_utc_strict_and_read_what_is_committed(mariadb_engine: Engine) -> None:
    zone, mode, isolation, autocommit = asked(
        mariadb_engine, "SELECT @@time_zone", "SELECT @@sql_mode", "SELECT @@tx_isolation", "SELECT @@autocommit"
    )
    assert (zone, isolation, autocommit) == ("+00:00", "READ-COMMITTED", 0)
    assert "STRICT_TRANS_TABLES" in str(mode)


def test_mysql_sessions_take_every_text(mariadb_engine: Engine) -> None:
    assert asked(mariadb_engine, "SELECT @@character_set_client", "SELECT '服务器 🚀'") == ["utf8mb4", "服务器 🚀"]


def test_connections_to_this_machine_use_no_tls(mariadb_engine: Engine) -> None:
    """It would protect nothing, and takes a third of a small commit's time."""
    with mariadb_engine.connect() as connection:
        _, cipher = connection.execute(text("SHOW STATUS LIKE 'Ssl_cipher'")).one()
    assert cipher == ""


def test_an_account_that_insists_on_tls_gets_it(mariadb_engine: Engine) -> None:
    with mariadb_engine.connect() as connection:
        connection.execute(text("CREATE USER 'careful'@'%' IDENTIFIED BY 'secret' REQUIRE SSL"))
    engine = create_engine(mariadb_engine.url.set(username="careful", password="secret", database="information_schema"))
    try:
        with engine.connect() as connection:
            _, cipher = connection.execute(text("SHOW STATUS LIKE 'Ssl_cipher'")).one()
        assert cipher != ""
    finally:
        engine.dispose()
        with mariadb_engine.connect() as connection:
            connection.execute(text("DROP USER 'careful'@'%'"))


def test_a_connection_that_is_lost_after_a_snapshot_leaves_its_place_in_the_pool(
    mariadb_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fail-over at the wrong moment took one, and the error had a traceback."""
    engine = create_engine(mariadb_engine.url, pool_size=1, pool_timeout=0.2)
    try:
        queries = SqlQueries(engine).fleet
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
        roll_back = driver.rollback

        def roll_back_and_lose() -> None:
            roll_back()
            with mariadb_engine.connect() as other:
                other.execute(text(f"KILL {driver.thread_id():d}"))

        monkeypatch.setattr(driver, "rollback", roll_back_and_lose)
        before = queries.snapshot()
        assert before == queries.snapshot()
    finally:
        engine.dispose()


def test_a_snapshot_is_of_one_moment_and_changes_no_later_transaction(mariadb_engine: Engine) -> None:
    engine = create_engine(mariadb_engine.url, pool_size=1)
    changes = iter([1])

    @event.listens_for(engine, "after_cursor_execute")
    def change(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "fleet_revision" in statement and next(changes, None):
            with mariadb_engine.begin() as other:
                other.execute(text("INSERT INTO preferences (name, value) VALUES ('digest_wait', 77)"))
                other.execute(text("UPDATE fleet_revision SET revision = revision + 1"))

    try:
        queries = SqlQueries(engine).fleet
        during, after = queries.snapshot(), queries.snapshot()
        assert during.revision + 1 == after.revision
        assert (during.preferences, after.preferences) == ({}, {"digest_wait": 77})
        assert asked(engine, "SELECT @@tx_isolation") == ["READ-COMMITTED"]
    finally:
        engine.dispose()


def test_a_connection_that_is_lost_when_it_is_new_is_logged_without_a_traceback(
    mariadb_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(mariadb_engine.url, pool_size=1)

    @event.listens_for(engine, "connect")
    def lose(connection: Any, _entry: object) -> None:
        with mariadb_engine.connect() as other:
            other.execute(text(f"KILL {connection.thread_id():d}"))

    server_of(engine)
    with pytest.raises(TransactionLost), connected(engine):
        pass
    engine.dispose()
    assert [] == caplog.records
