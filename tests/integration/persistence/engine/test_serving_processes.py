"""Which processes would fail on a contracted schema: those that live and do not know the migration."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert, update

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.engine.migration_plans import newest_revision
from monitor.adapters.persistence.engine.serving_processes import LOOKS, newer_processes, older_processes
from monitor.adapters.persistence.tables.operations import heartbeats as t
from tests.contracts.heartbeats import beaten
from tests.integration.persistence.conftest import uow_factory

HERE, NEXT = newest_revision(), f"{int(newest_revision()) + 1:04d}"


class Pauses:
    """Counts them, and lets something happen in each."""

    def __init__(self, happen: Callable[[], None] = lambda: None) -> None:
        self.count = 0
        self._happen = happen

    def __call__(self, _seconds: float) -> None:
        self.count += 1
        self._happen()


def add(engine: Engine, process: str, revision: str | None, report: str | None = None) -> None:
    with engine.begin() as connection:
        connection.execute(insert(t).values(process=process, number=1, revision=revision, report=report))


def raise_number(engine: Engine, process: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(t).where(t.c.process == process).values(number=t.c.number + 1))


def test_there_is_none(engine: Engine):
    """Of this version, or of a newer one, are not older; and the answer takes no time."""
    beaten(uow_factory(engine), "this")
    add(engine, "newer", NEXT)
    pauses = Pauses()
    assert ([], 0) == (older_processes(engine, HERE, pauses), pauses.count)


def test_those_that_live_are_named(engine: Engine):
    beaten(uow_factory(engine), "a-process-that-has-said-nothing")
    add(engine, "of-before", None, json.dumps({"version": "0.0.9", "host": "web-1"}))
    add(engine, "dead", None)

    def both_live() -> None:
        raise_number(engine, "a-process-that-has-said-nothing")
        raise_number(engine, "of-before")

    pauses = Pauses(both_live)
    assert ["0.0.9 on web-1", "an unnamed one (a-proces)"] == older_processes(engine, NEXT, pauses)
    assert 1 == pauses.count


def test_one_that_comes_meanwhile_is_named(engine: Engine):
    add(engine, "dead", None)
    assert ["an unnamed one (started)"] == older_processes(engine, NEXT, Pauses(lambda: add(engine, "started", HERE)))


def test_those_that_need_more_than_a_revision_are_named(engine: Engine):
    """Before a downgrade. One that knows no more goes on."""
    add(engine, "newest", NEXT)
    add(engine, "older", HERE)

    def both_live() -> None:
        raise_number(engine, "newest")
        raise_number(engine, "older")

    for revision, living in ((HERE, ["newest"]), (NEXT, []), ("", ["newest", "older"])):
        found = newer_processes(engine, revision, Pauses(both_live))
        assert [f"an unnamed one ({name})" for name in living] == found


@pytest.mark.parametrize("report", [None, "", "{}", "[1]"])
def test_one_that_is_dead_is_none(engine: Engine, report: str | None):
    add(engine, "dead", HERE, report)
    pauses = Pauses()
    assert ([], LOOKS) == (older_processes(engine, NEXT, pauses), pauses.count)


@pytest.mark.parametrize("revision", ["0009", "0010", "0023"])
def test_on_the_schema_of_an_older_version(database_url: str, revision: str):
    """Which has no such table, or fewer columns."""
    migrations.upgrade(database_url, revision)
    engine = create_engine(database_url)
    if revision > "0009":
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO heartbeats (process, number) VALUES ('old', 7)")
    pauses = Pauses()
    assert ([], 0 if revision == "0009" else LOOKS) == (older_processes(engine, HERE, pauses), pauses.count)
    engine.dispose()
