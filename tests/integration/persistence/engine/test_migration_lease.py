"""Who may migrate: one at a time, and somebody else once that one is dead."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Connection, Engine, text

from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_lease import alone
from monitor.domain.errors import StorageUnavailable

pytestmark = pytest.mark.nightly


@pytest.fixture
def engine(mariadb_url: str) -> Iterator[Engine]:
    engine = create_migration_engine(mariadb_url)
    yield engine
    engine.dispose()


@pytest.fixture
def migrating(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


def steal(engine: Engine) -> None:
    """Be a holder that dies at once."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE migration_lease SET holder = 'dead' WHERE id = 1"))


def test_one_at_a_time(engine: Engine, migrating: Connection) -> None:
    inside: list[int] = []

    def migrate() -> None:
        with engine.connect() as connection, alone(engine, connection, patience=60):
            inside.append(1)
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
            assert len(inside) == 1
            inside.pop()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert inside == []


def test_who_lives_keeps_it_for_as_long_as_it_takes(engine: Engine, migrating: Connection) -> None:
    """Longer than a dead one would."""
    with alone(engine, migrating, patience=1), ExitStack() as stack:
        with pytest.raises(StorageUnavailable, match="another process"):
            stack.enter_context(alone(engine, migrating, patience=12))
        assert migrating.execute(text("SELECT 1")).scalar_one() == 1


def test_a_dead_one_loses_it(engine: Engine, migrating: Connection) -> None:
    with alone(engine, migrating, patience=1):
        pass
    steal(engine)
    with alone(engine, migrating, patience=60):
        assert migrating.execute(text("SELECT 1")).scalar_one() == 1


def test_who_stood_still_and_lost_it_does_not_go_on(engine: Engine, migrating: Connection) -> None:
    with alone(engine, migrating, patience=1):
        steal(engine)
        migrating.execute(text("SELECT SLEEP(6)"))
        with pytest.raises(StorageUnavailable, match="took over"):
            migrating.execute(text("SELECT 1"))
