"""Pipelined statements: their errors are raised before anything is committed, and undone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError

from monitor.adapters.persistence.engine.engine import writing
from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.pipelining import Pipelining, StatementResult, pipelining, read_all
from monitor.domain.errors import StorageUnavailable


@pytest.fixture(params=[0, 20_000], ids=["held until the end", "sent at once"])
def into(request: pytest.FixtureRequest) -> str:
    """Begin of an INSERT, small or large; a large one is sent at once."""
    return "INSERT INTO t VALUES ".ljust(request.param)


@pytest.fixture
def engine(pipelining_engine: Engine) -> Iterator[Engine]:
    with pipelining_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB")
    yield pipelining_engine
    with pipelining_engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE t")


def driver_of(connection: Connection) -> Pipelining:
    driver = pipelining(connection)
    assert driver is not None
    return driver


def stored(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [number for (number,) in connection.exec_driver_sql("SELECT id FROM t ORDER BY id")]


def open_transactions(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT COUNT(*) FROM information_schema.innodb_trx").scalar_one())


def test_only_the_intakes_connection_pipelines(sqlite_engine: Engine, mariadb_engine: Engine) -> None:
    for engine in (sqlite_engine, mariadb_engine):
        with engine.connect() as connection:
            assert pipelining(connection) is None


def test_only_the_intakes_connection_accepts_two_statements_at_once(mariadb_engine: Engine) -> None:
    with mariadb_engine.connect() as connection, pytest.raises(ProgrammingError, match="SQL syntax"):
        connection.exec_driver_sql("SELECT 1; SELECT 2")


def test_several_are_sent_at_once_and_checked_in_order(engine: Engine, into: str) -> None:
    found: list[object] = []

    def check(answers: Iterator[StatementResult]) -> None:
        found.extend((answer.affected_rows, answer.rows) for answer in answers)

    with writing(engine) as connection:
        driver_of(connection).send([into + "(1), (2), (3)", "DELETE FROM t WHERE id > 1", "SELECT id FROM t"], check)
        assert found == []
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM t").scalar_one() == 1
        assert found == [(3, None), (2, None), (1, ((1,),))]
        driver_of(connection).send([into + "(2)"], read_all)
        driver_of(connection).send([into + "(3)"], read_all)
        connection.commit()
    assert stored(engine) == [1, 2, 3]


def test_an_error_is_raised_by_the_next_statement(engine: Engine, into: str) -> None:
    with writing(engine) as connection:
        driver_of(connection).send([into + "(1)", into + "(1)", into + "(2)"], read_all)
        with pytest.raises(KeyTaken):
            connection.exec_driver_sql("SELECT 1")
    assert stored(engine) == []


def test_an_error_is_raised_whatever_is_sent_after_it(engine: Engine, into: str) -> None:
    with writing(engine) as connection:
        for number in (1, 1, 2, 3):
            driver_of(connection).send([f"{into} ({number})"], read_all)
        with pytest.raises(KeyTaken):
            connection.commit()
    assert stored(engine) == []


@pytest.mark.parametrize("rows", [["(1)", "(1)"], ["(1)"]])
def test_a_commit_that_fails_leaves_nothing_open(engine: Engine, into: str, rows: list[str]) -> None:
    """SQLAlchemy takes the transaction as ended: the connection's next user would continue it."""

    def check(answers: Iterator[StatementResult]) -> None:
        next(answers)
        raise KeyTaken("mine")

    with writing(engine) as connection:
        driver_of(connection).send([into + row for row in rows], check)
        with pytest.raises(KeyTaken, match="mine"):
            connection.commit()
    assert open_transactions(engine) == 0
    with writing(engine) as connection:
        driver_of(connection).send([into + "(7)"], read_all)
        connection.commit()
    assert stored(engine) == [7]


def test_a_rollback_reads_pending_results(engine: Engine, into: str) -> None:
    """The transaction is given up before its results were read."""
    with writing(engine) as connection:
        driver_of(connection).send([into + "(1)", into + "(1)"], read_all)
    assert (stored(engine), open_transactions(engine)) == ([], 0)


def test_a_connection_lost_with_pending_results_is_replaced(engine: Engine, into: str) -> None:
    with writing(engine) as connection:
        number = connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        driver_of(connection).send([into + "(1)", f"KILL {number}"], read_all)
        with pytest.raises(StorageUnavailable):
            connection.commit()
    with writing(engine) as connection:
        driver_of(connection).send([into + "(2)"], read_all)
        connection.commit()
    assert stored(engine) == [2]
