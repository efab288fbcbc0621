"""Reads whose connection was lost are repeated: a cluster moves on within seconds."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.store import SqlQueries
from tests.integration.mariadb import MariaDb


@pytest.fixture
def engine(ready_mariadb_url: str) -> Iterator[Engine]:
    engine = create_engine(ready_mariadb_url, pool_size=2)
    yield engine
    engine.dispose()


def test_a_read_whose_connection_is_lost_is_answered_all_the_same(engine: Engine, mariadb: MariaDb) -> None:
    """By the next connection."""
    answers: list[int] = []
    with engine.begin() as other:
        number = other.execute(text("SELECT MAX(id) FROM information_schema.processlist")).scalar_one()
        other.execute(text("LOCK TABLES fleet_revision WRITE"))
        reading = threading.Thread(target=lambda: answers.append(SqlQueries(engine).fleet.revision()))
        reading.start()
        waiting = "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table%' AND id > :number"
        while not (found := other.execute(text(waiting), {"number": number}).scalars().all()):
            assert reading.is_alive()
        mariadb.execute(f"KILL {found[0]}")
        other.execute(text("UNLOCK TABLES"))
    reading.join(30)
    assert [0] == answers
