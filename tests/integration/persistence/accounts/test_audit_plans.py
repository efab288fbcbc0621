"""A question about a person or a time reads little of a large audit log."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.operations import audit_log
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.audit import AuditFilter
from tests.contracts.builders import ADMIN, AT
from tests.integration.persistence.conftest import read_so_far

MANY = 60_000
RARE = 3_000
"""Every so many entries one is by the person, and about the thing, that the questions name."""
LIMIT = 100
FEW_ROWS = 600
MINUTE = timedelta(minutes=1)
MIDDLE = AT + MANY // 2 * MINUTE

FILTERS = {
    "everything": AuditFilter(),
    "a person": AuditFilter(user_id=UserId(7)),
    "a name": AuditFilter(username="ann"),
    "a thing": AuditFilter(target="web-7"),
    "an action": AuditFilter(action="server.delete"),
    "a time": AuditFilter(since=MIDDLE, until=MIDDLE + 50 * MINUTE),
    "a person and a time": AuditFilter(user_id=UserId(7), since=MIDDLE, until=MIDDLE + 5_000 * MINUTE),
    "a person and a text": AuditFilter(username="ann", text="nothing like that"),
    "a time and a text": AuditFilter(since=MIDDLE, until=MIDDLE + 50 * MINUTE, text="nothing like that"),
}


def entry(number: int) -> dict[str, Any]:
    is_rare = number % RARE == 0
    return {
        "at": AT + number * MINUTE,
        "action": "server.delete" if is_rare else f"server.{('update', 'create')[number % 2]}",
        "target": "web-7" if is_rare else f"web-{number % 50 + 10}",
        "detail": "port: null -> 22",
        "user_id": 7 if is_rare else number % 20 + 10,
        "username": "ann" if is_rare else f"user {number % 20}",
        "address": "192.0.2.1",
    }


@pytest.fixture
def plans(sqlite_engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    @event.listens_for(sqlite_engine, "before_cursor_execute")
    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "audit_log" in statement:
            seen.extend(row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    yield seen
    event.remove(sqlite_engine, "before_cursor_execute", explain)


@pytest.fixture
def filled(mariadb_engine: Engine) -> Engine:
    with mariadb_engine.begin() as connection:
        for begin in range(0, MANY, 5000):
            connection.execute(insert(audit_log), [entry(number) for number in range(begin, begin + 5000)])
    with mariadb_engine.begin() as connection:
        connection.execute(text("ANALYZE TABLE audit_log"))
    return mariadb_engine


def test_few_rows_are_read_on_mariadb(filled: Engine) -> None:
    queries, read = SqlQueries(filled), {}
    for name, wanted in FILTERS.items():
        for before in (None, (MIDDLE + 20 * MINUTE, MANY)):
            start = read_so_far(filled)
            queries.audit.newest(ADMIN, wanted, before=before, limit=LIMIT)
            read[name, before] = read_so_far(filled) - start
    assert {} == {question: rows for question, rows in read.items() if rows > FEW_ROWS}


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_an_index_is_used_on_sqlite(sqlite_engine: Engine, plans: list[str], wanted: AuditFilter) -> None:
    SqlQueries(sqlite_engine).audit.newest(ADMIN, wanted, before=(MIDDLE, 7), limit=LIMIT)
    assert plans
    assert [] == [plan for plan in plans if "INDEX ix_audit_log_" not in plan]
    assert [] == [plan for plan in plans if "TEMP B-TREE" in plan]
