"""Faults of a database become the core's errors, and leave nothing half done."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from socket import socketpair
from typing import Any

import pymysql
import pytest
import sqlalchemy.exc
from sqlalchemy import Engine, make_url, text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.engine.errors import translated
from monitor.adapters.persistence.engine.mysql import check_idle_connections_of
from monitor.adapters.persistence.store import SqlQueries
from monitor.domain.errors import ConstraintViolated, StorageUnavailable, TransactionConflict, TransactionLost
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import ADMIN, AT, SECOND, a_sample, a_server, a_user, store_samples, stored_server
from tests.integration.http.served import wait_until
from tests.integration.mariadb import MariaDb
from tests.integration.persistence.conftest import NewUow, uow_factory


@pytest.fixture
def small_engine(ready_url: str) -> Iterator[Engine]:
    """Engine with one connection and a short timeout."""
    engine = create_engine(ready_url, pool_size=1, pool_timeout=0.05)
    yield engine
    engine.dispose()


def test_a_pool_without_a_free_connection_means_unavailable(small_engine: Engine) -> None:
    new_uow, queries = uow_factory(small_engine), SqlQueries(small_engine)
    with new_uow():
        with pytest.raises(StorageUnavailable):
            queries.fleet.revision()
        with pytest.raises(StorageUnavailable), new_uow():
            pass

    assert queries.fleet.revision() == 0


def test_a_commit_after_a_fault_raises_it_again(engine: Engine, new_uow: NewUow) -> None:
    """Otherwise half of the transaction would be kept."""
    with new_uow() as uow:
        with pytest.raises(ConstraintViolated):
            uow.servers.add(a_server(user_ids=frozenset({a_user(id=99).id})))
        with pytest.raises(ConstraintViolated):
            uow.commit()
    with new_uow() as uow:  # on the same connection, maybe
        assert uow.servers.by_addresses([a_server().ip_address]) == []
        uow.commit()


def test_bugs_in_our_own_sql_are_not_translated(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError):
        connection.execute(text("SELECT no_such_column FROM no_such_table"))


def test_errors_do_not_contain_the_values(engine: Engine) -> None:
    """Errors are logged, and a password's hash must not be."""
    with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError) as caught:
        connection.execute(text("INSERT INTO no_such_table VALUES (:password)"), {"password": "secret-hash"})
    assert "secret-hash" not in str(caught.value)


def test_two_that_lock_in_opposite_order_conflict(mariadb_engine: Engine) -> None:
    """One of them conflicts and may run again; the other continues."""
    new_uow = uow_factory(mariadb_engine)
    one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
    both_hold_one = threading.Barrier(2)
    outcomes: list[str] = []

    def lock(first: ServerId, second: ServerId) -> None:
        try:
            with new_uow() as uow:
                uow.servers.get(first, changed_by=ADMIN)
                both_hold_one.wait(30)
                try:
                    uow.servers.get(second, changed_by=ADMIN)
                except TransactionConflict:
                    # The server has rolled all of it back: what is left of it must not be committed.
                    with pytest.raises(TransactionConflict):
                        uow.commit()
                    raise
                uow.commit()
            outcomes.append("committed")
        except TransactionConflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=lock, args=ids) for ids in ((one.id, two.id), (two.id, one.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["committed", "conflict"]


def test_a_row_that_stays_locked_is_a_conflict(mariadb_engine: Engine) -> None:
    new_uow = uow_factory(mariadb_engine)
    server = stored_server(new_uow)
    with mariadb_engine.connect() as holder, mariadb_engine.connect() as other:
        holder.execute(text("SELECT id FROM servers FOR UPDATE"))
        other.execute(text("SET innodb_lock_wait_timeout = 1"))
        with pytest.raises(TransactionConflict):
            other.execute(text("SELECT id FROM servers WHERE id = :id FOR UPDATE"), {"id": server.id})
        other.invalidate()  # with its setting


def test_a_locked_file_is_a_conflict(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as holder,
        closing(sqlite3.connect(path, timeout=0)) as other,
    ):
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as caught:
            other.execute("BEGIN IMMEDIATE")
    assert isinstance(translated(caught.value), TransactionConflict)


def test_a_full_disk_means_unavailable(sqlite_engine: Engine) -> None:
    new_uow = uow_factory(sqlite_engine)
    server = stored_server(new_uow)
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 60")
    with pytest.raises(StorageUnavailable):
        store_samples(new_uow, *(a_sample(server.id, AT + n * SECOND) for n in range(10_000)))
    assert SqlQueries(sqlite_engine).samples.latest() == []


def test_a_file_that_is_no_database_means_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear database, " * 1000)
    engine = create_engine(f"sqlite:///{path}")
    with pytest.raises(StorageUnavailable):
        SqlQueries(engine).fleet.revision()
    engine.dispose()


def test_a_directory_in_place_of_the_file_means_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match=str(tmp_path)):
        create_engine(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    "change",
    [{"port": 1}, {"database": "no_such_database"}, {"username": "nobody"}, {"host": "host.invalid"}],
    ids=lambda change: next(iter(change)),
)
def test_a_server_that_refuses_the_log_in_means_unavailable(mariadb_url: str, change: dict[str, Any]) -> None:
    engine = create_engine(make_url(mariadb_url).set(**change))
    with pytest.raises(StorageUnavailable):
        SqlQueries(engine).fleet.revision()
    with pytest.raises(StorageUnavailable), uow_factory(engine)():
        pass
    engine.dispose()


def test_a_server_that_dies_and_comes_back_is_used_again(own_mariadb: MariaDb) -> None:
    """By the same engine without a restart; acknowledged changes are there."""
    url = own_mariadb.url(own_mariadb.create_database())
    migrations.upgrade(url)
    engine = create_engine(url)
    new_uow, queries = uow_factory(engine), SqlQueries(engine)
    server = stored_server(new_uow)

    with new_uow() as uow:
        uow.samples.add([a_sample(server.id)])
        own_mariadb.kill()
        with pytest.raises(TransactionLost):
            uow.samples.existing([(server.id, AT)])
        with pytest.raises(TransactionLost):
            uow.commit()
    with pytest.raises(StorageUnavailable):
        queries.samples.latest()

    own_mariadb.start()

    assert queries.samples.latest() == []
    store_samples(new_uow, a_sample(server.id))
    assert queries.samples.latest() == [a_sample(server.id)]
    engine.dispose()


def test_a_server_that_dies_during_a_commit_may_have_kept_it(own_mariadb: MariaDb) -> None:
    """So that it is not repeated: the error differs from that of a transaction that was surely lost."""
    url = own_mariadb.url(own_mariadb.create_database())
    migrations.upgrade(url)
    engine = create_engine(url)
    new_uow = uow_factory(engine)
    server = stored_server(new_uow)
    with new_uow() as uow:
        uow.samples.add([a_sample(server.id)])
        own_mariadb.kill()
        with pytest.raises(StorageUnavailable) as caught:
            uow.commit()
    assert not isinstance(caught.value, TransactionLost)
    engine.dispose()


def test_a_connection_that_the_server_ended_is_replaced(mariadb: MariaDb, mariadb_engine: Engine) -> None:
    """Servers and firewalls end connections that were idle for long."""
    with mariadb_engine.connect() as onlooker:
        with mariadb_engine.connect() as connection:
            number = connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        mariadb.execute(f"KILL {number}")
        left = text("SELECT COUNT(*) FROM information_schema.processlist WHERE id = :id")
        wait_until(lambda: onlooker.execute(left, {"id": number}).scalar_one() == 0)

        assert stored_server(uow_factory(mariadb_engine)).id


@pytest.mark.parametrize(("trusted", "is_asked"), [(0.0, True), (3600.0, False)])
def test_a_connection_without_news_is_pinged_after_some_time(mariadb_url: str, trusted: float, is_asked: bool) -> None:
    """Its server vanished with its network."""
    engine = sqlalchemy.create_engine(mariadb_url, pool_reset_on_return=None, connect_args={"read_timeout": 1})
    check_idle_connections_of(engine, trusted)
    here, there = socketpair()
    with here, there, here.makefile("rb") as answers:
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            lost, driver._sock, driver._rfile = (driver._sock, driver._rfile), here, answers
        with (
            nullcontext() if is_asked else pytest.raises(sqlalchemy.exc.OperationalError),
            engine.connect() as connection,
        ):
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        engine.dispose()
        for each in reversed(lost):
            each.close()


def test_a_server_that_was_restarted_while_idle_is_used_without_an_error(own_mariadb: MariaDb) -> None:
    """On all connections that were open."""
    url = own_mariadb.url(own_mariadb.create_database())
    migrations.upgrade(url)
    engine = create_engine(url)
    with engine.connect() as one, engine.connect() as two:
        assert [1, 1] == [each.exec_driver_sql("SELECT 1").scalar_one() for each in (one, two)]

    own_mariadb.kill()
    own_mariadb.start()

    with engine.connect() as one, engine.connect() as two:
        assert [1, 1] == [each.exec_driver_sql("SELECT 1").scalar_one() for each in (one, two)]
    engine.dispose()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (pymysql.err.OperationalError(1205, "Lock wait timeout exceeded"), TransactionConflict),
        (pymysql.err.OperationalError(1290, "running with the --read-only option"), StorageUnavailable),
        (pymysql.err.OperationalError(1021, "Disk full"), StorageUnavailable),
        (pymysql.err.OperationalError(1180, "Got error 6 during COMMIT"), StorageUnavailable),
        (pymysql.err.OperationalError(2003, "Can't connect"), StorageUnavailable),
        (pymysql.err.OperationalError(2013, "Lost connection to server during query"), TransactionLost),
        (pymysql.err.OperationalError(1047, "WSREP has not yet prepared node for application use"), TransactionLost),
        (pymysql.err.InterfaceError(0, ""), StorageUnavailable),
        (pymysql.err.IntegrityError(1452, "Cannot add or update a child row"), ConstraintViolated),
        (pymysql.err.ProgrammingError(1064, "You have an error in your SQL syntax"), None),
        (pymysql.err.DataError(1406, "Data too long for column"), None),
        (ValueError("ours"), None),
    ],
)
def test_kinds_of_faults(error: Exception, expected: type[Exception] | None) -> None:
    found = translated(error)
    assert (None if found is None else type(found)) is expected
