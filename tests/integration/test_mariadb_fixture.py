"""The MariaDB of other tests does what they rely on."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.integration.mariadb import MariaDb, MariaDbError, private_mariadb


def run(url: str, *statements: str) -> list[object]:
    """Run statements in one transaction and return the first column of the last one's rows."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def test_each_test_gets_an_empty_database(mariadb: MariaDb, mariadb_url: str) -> None:
    """No test sees the rows of another."""
    run(mariadb_url, "CREATE TABLE t (x INT)")
    other = mariadb.url(mariadb.create_database())

    assert run(other, "SHOW TABLES") == []


def test_text_is_full_unicode(mariadb_url: str) -> None:
    """MySQL's older default would refuse an emoji."""
    run(mariadb_url, "CREATE TABLE t (x VARCHAR(20))", "INSERT INTO t VALUES ('服务器 🚀')")

    assert run(mariadb_url, "SELECT x FROM t") == ["服务器 🚀"]


def test_commits_are_durable(mariadb_url: str) -> None:
    """A server that only flushed now and then would hide a lost acknowledgement."""
    assert run(mariadb_url, "SELECT @@innodb_flush_log_at_trx_commit") == [1]


def test_a_killed_server_comes_back_with_what_was_committed(own_mariadb: MariaDb) -> None:
    """Fault tests kill it between two statements and continue with the same URL."""
    url = own_mariadb.url(own_mariadb.create_database())
    run(url, "CREATE TABLE t (x INT)", "INSERT INTO t VALUES (1)")

    own_mariadb.kill()
    with pytest.raises(OperationalError):
        run(url, "SELECT x FROM t")
    own_mariadb.start()

    assert run(url, "SELECT x FROM t") == [1]


def test_a_stopped_server_can_be_started_again(own_mariadb: MariaDb) -> None:
    """Stopping twice, and starting what runs, are no errors."""
    own_mariadb.stop()
    own_mariadb.stop()
    assert not own_mariadb.is_running

    own_mariadb.start()
    own_mariadb.start()
    assert own_mariadb.is_running


def test_nothing_is_left_behind_when_a_test_fails() -> None:
    """Neither the process nor its directory outlives a failure."""
    seen: list[tuple[Path, int]] = []

    def fail() -> None:
        with private_mariadb() as server:
            seen.append((server.directory, int((server.directory / "p.pid").read_text())))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    [(directory, pid)] = seen
    assert not directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_without_mariadb_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tests that need it fail with advice; they are not left out."""
    monkeypatch.setattr("tests.integration.mariadb.SEARCH_PATH", str(tmp_path))

    with pytest.raises(MariaDbError, match="apt-get install mariadb-server-core"), private_mariadb():
        pass


def test_sqlite_and_mariadb_answer_through_one_fixture(database_url: str) -> None:
    """A test that takes `database_url` runs once on each."""
    assert run(database_url, "SELECT 1") == [1]
