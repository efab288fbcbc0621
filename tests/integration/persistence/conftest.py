"""Stores with the schema in place and nothing in them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, column, event, insert, table, text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.policies.rules import policy_row
from monitor.adapters.persistence.store import SqlQueries, SqlUnitOfWork
from monitor.adapters.persistence.tables.fleet import fleet_log
from monitor.adapters.persistence.tables.policies import alert_policies
from monitor.application.ports import Cipher
from monitor.domain.policies.policies import OWN_FIELDS, Policy, PolicyId
from tests.fakes.cipher import TransparentCipher

POOL_SIZE = 10
CIPHER = TransparentCipher("a key")
NewUow = Callable[[], SqlUnitOfWork]

# Common table expressions, window functions and what else MySQL 5.7 does not know.
NOT_IN_MYSQL_57 = re.compile(
    r"^\s*WITH\b|\bOVER\s*\(|\bRETURNING\b|\bSKIP LOCKED\b|\bNOWAIT\b|\bEXCEPT\b|\bINTERSECT\b"
)


@pytest.fixture
def sqlite_engine(ready_sqlite_url: str) -> Iterator[Engine]:
    engine = create_engine(ready_sqlite_url, pool_size=POOL_SIZE)
    yield engine
    engine.dispose()


@pytest.fixture
def mariadb_engine(ready_mariadb_url: str) -> Iterator[Engine]:
    yield from in_mysql_57(create_engine(ready_mariadb_url, pool_size=POOL_SIZE))


@pytest.fixture
def pipelining_engine(ready_mariadb_url: str) -> Iterator[Engine]:
    """The intake's, on MariaDB."""
    yield from in_mysql_57(create_engine(ready_mariadb_url, pool_size=POOL_SIZE, pipelines=True))


def in_mysql_57(engine: Engine) -> Iterator[Engine]:
    """*engine*; every SQL statement that a test runs on it must be one that MySQL 5.7 knows."""
    statements: set[str] = set()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.add(statement[:5000])

    yield engine
    engine.dispose()
    assert [statement for statement in statements if NOT_IN_MYSQL_57.search(statement)] == []


@pytest.fixture(params=["sqlite", "mariadb", pytest.param("pipelining", marks=pytest.mark.nightly)])
def engine(request: pytest.FixtureRequest) -> Engine:
    # By name, so that a run of the SQLite half alone starts no MariaDB.
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


NEWER = ("kind", *OWN_FIELDS, "note", "changed_at", "escalation_id")


def insert_policy_of_old(engine: Engine, policy: Policy) -> Policy:
    """Insert *policy* into a schema from before kinds of policies, and return it with its id."""
    row = policy_row(policy)
    names = [name for name in row if name not in NEWER]
    with engine.begin() as connection:
        old = table("alert_policies", *(column(name, alert_policies.c[name].type) for name in names))
        connection.execute(insert(old).values({name: row[name] for name in names}))
        ids = connection.execute(text("SELECT MAX(id) FROM alert_policies"))
        return replace(policy, id=PolicyId(ids.scalar_one()))


@pytest.fixture
def queries(engine: Engine) -> SqlQueries:
    return SqlQueries(engine, CIPHER)


@pytest.fixture
def fleet_changes() -> list[int]:
    return []


@pytest.fixture
def new_uow(engine: Engine, queries: SqlQueries, fleet_changes: list[int]) -> NewUow:
    return partial(SqlUnitOfWork, engine, lambda: fleet_changes.append(queries.fleet.revision()), CIPHER)


def engine_at(url: str, revision: str) -> Engine:
    """Return an engine on an older schema, with the table that today's repositories write to as well."""
    migrations.upgrade(url, revision)
    engine = create_engine(url)
    fleet_log.create(engine, checkfirst=True)
    return engine


def read_so_far(engine: Engine) -> int:
    """Return how many rows MariaDB has read since its start."""
    reads = text("SHOW GLOBAL STATUS LIKE 'Handler_read_%'")
    with engine.connect() as connection:
        return sum(int(count) for name, count in connection.execute(reads) if name != "Handler_read_rnd_deleted")


def uow_factory(engine: Engine, cipher: Cipher = CIPHER) -> NewUow:
    return partial(SqlUnitOfWork, engine, lambda: None, cipher)


@pytest.fixture
def other_process(engine: Engine) -> Iterator[NewUow]:
    other = create_engine(engine.url, pool_size=10)
    yield uow_factory(other)
    other.dispose()
