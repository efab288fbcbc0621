"""Query plans: no query reads a table of a hundred million rows from end to end."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from monitor.adapters.persistence.store import SqlQueries
from monitor.application.history.ports import SampleFilter
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import (
    ADMIN,
    AT,
    SECOND,
    a_sample,
    a_server,
    actor_of,
    store_samples,
    stored_server,
    stored_user,
)
from tests.integration.persistence.conftest import CIPHER, read_so_far, uow_factory

_SERVERS = """INSERT INTO servers (server_name, ip_address, port, status, created_at)
SELECT seq, CONCAT('192.0.', seq DIV 256, '.', seq MOD 256), 22, 'online', NOW(6) FROM seq_1_to_{}"""
_SAMPLES = """INSERT INTO monitor_data
(server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at, received_at)
SELECT id, ip_address, 1, 2, 3, NOW(6), NOW(6) FROM servers"""
_OLD_STATISTICS = """UPDATE mysql.innodb_table_stats AS t JOIN mysql.innodb_index_stats AS i
USING (database_name, table_name) SET t.n_rows = 0, i.stat_value = 1
WHERE database_name = DATABASE() AND table_name = 'monitor_data'"""
MANY = 150  # more servers than one statement has
FILTERS = {
    "all": SampleFilter(),
    "one server": SampleFilter(server_id=ServerId(1)),
    "a day": SampleFilter(start=AT, end=AT + 86_400 * SECOND),
    "a page": SampleFilter(before=(AT + SECOND, ServerId(2))),
}


@pytest.fixture
def plans(sqlite_engine: Engine) -> Iterator[list[str]]:
    """Query plans of each SELECT that a test runs on SQLite."""
    seen: list[str] = []

    @event.listens_for(sqlite_engine, "before_cursor_execute")
    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.extend(row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    yield seen
    event.remove(sqlite_engine, "before_cursor_execute", explain)


def assert_no_scan_of_samples(plans: list[str]) -> None:
    """Fail on scans of the table. A scan of an index from the first match is fine."""
    assert plans
    scans = [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in ("monitor_data", "m", "n")]
    assert [plan for plan in scans if "ix_monitor_data_recorded_at_server_id" not in plan] == []
    assert not any("TEMP B-TREE" in plan for plan in plans if "monitor_data" in plan)


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS.keys())
@pytest.mark.parametrize("who", ["admin", "user"])
def test_newest(sqlite_engine: Engine, plans: list[str], wanted: SampleFilter, who: str) -> None:
    new_uow = uow_factory(sqlite_engine)
    user = stored_user(new_uow)
    stored_server(new_uow, id=1, user_ids=frozenset({user.id}))
    plans.clear()

    SqlQueries(sqlite_engine).samples.newest(ADMIN if who == "admin" else actor_of(user), wanted)

    assert_no_scan_of_samples(plans)
    if who == "user":
        assert not any("ix_monitor_data_recorded_at_server_id" in plan for plan in plans)


def test_latest_and_last_received_and_existing(sqlite_engine: Engine, plans: list[str]) -> None:
    new_uow = uow_factory(sqlite_engine)
    server = stored_server(new_uow)
    plans.clear()

    SqlQueries(sqlite_engine).samples.latest()
    with new_uow() as uow:
        uow.samples.last_received([server.id])
        uow.samples.existing([(server.id, AT)])

    assert_no_scan_of_samples(plans)


def test_the_statement_for_existing_samples_is_constant_on_sqlite(sqlite_engine: Engine) -> None:
    """Its driver caches compiled statements: with keys in the text, a megabyte per connection."""
    asked: set[str] = set()

    @event.listens_for(sqlite_engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.add(statement)

    with uow_factory(sqlite_engine)() as uow:
        for count in (1, 2, 500):
            uow.samples.existing([(ServerId(n), AT) for n in range(count)])
    event.remove(sqlite_engine, "before_cursor_execute", note)
    assert 1 == sum("monitor_data" in statement for statement in asked)


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_a_user_of_many_servers_sees_the_same_pages_as_an_admin(engine: Engine, limit: int) -> None:
    """Many linked servers use another query."""
    new_uow, queries = uow_factory(engine), SqlQueries(engine)
    user = stored_user(new_uow)
    with new_uow() as uow:
        servers = [uow.servers.add(a_server(f"198.51.100.{n}", user_ids=frozenset({user.id}))) for n in range(MANY)]
        uow.samples.add(
            [a_sample(s.id, AT + (n * 7 % 40 + 60 * k) * SECOND) for n, s in enumerate(servers) for k in range(3)]
        )
        uow.commit()
    before = None
    for _ in range(3):
        wanted = SampleFilter(limit=limit, before=before, start=AT + 5 * SECOND)
        page = queries.samples.newest(actor_of(user), wanted)
        assert page == queries.samples.newest(ADMIN, wanted)
        if page:
            before = (page[-1].sample.recorded_at, page[-1].sample.server_id)


def test_later_samples_cost_no_read_of_the_older_ones_on_mariadb(mariadb_engine: Engine) -> None:
    """Intake asks for them while a metric of the server is pending or fires."""
    new_uow = uow_factory(mariadb_engine)
    servers = [stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2)]
    times = [AT + n * SECOND for n in range(2000)]
    store_samples(new_uow, *(a_sample(server_id, at) for server_id in servers for at in times))
    with new_uow() as uow:
        before = read_so_far(mariadb_engine)
        later = uow.samples.later([(server_id, times[-2]) for server_id in servers])
        assert {(server_id, times[-1]) for server_id in servers} == later
        assert read_so_far(mariadb_engine) - before < 50


def test_old_statistics_of_mariadb_cost_little(mariadb_engine: Engine) -> None:
    """After many samples at once, such as a restored dump, they are of an empty table: a start took minutes."""
    count = 2000
    with mariadb_engine.begin() as connection:
        connection.execute(text("ALTER TABLE monitor_data STATS_AUTO_RECALC=0"))
        for statement in (_SERVERS.format(count), _SAMPLES, _OLD_STATISTICS, "FLUSH TABLES monitor_data"):
            connection.execute(text(statement))
    before = read_so_far(mariadb_engine)
    newest = SqlQueries(mariadb_engine, CIPHER).samples.latest()
    assert count == len(newest)
    with uow_factory(mariadb_engine)() as uow:
        assert count == len(uow.samples.last_received([sample.server_id for sample in newest]))
    assert read_so_far(mariadb_engine) - before < 20 * count


@pytest.mark.parametrize("after", [None, (7, ServerId(3))])
@pytest.mark.parametrize("width", [0, 600])
def test_blocks_to_move_are_found_in_an_index(
    sqlite_engine: Engine, plans: list[str], width: int, after: tuple[int, ServerId] | None
) -> None:
    """Of a hundred million marks, nearly all are of blocks that have moved."""
    with uow_factory(sqlite_engine)() as uow:
        plans.clear()
        uow.blocks.take(width, 500_000, after, 100)
        uow.blocks.moved(width, after, 100)
    table = "history_rollups" if width else "history_chunks"
    assert len(plans) == 2
    assert all(plan.startswith(f"SEARCH {table} USING") and f"ix_{table}_archived" in plan for plan in plans)
