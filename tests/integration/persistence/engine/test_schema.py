"""The four documented tables: other programs read them, and DBAs write to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text

from monitor.adapters.persistence.history.sample_inserts import written
from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.fleet import server_tags
from monitor.adapters.persistence.tables.history import monitor_data
from monitor.application.fleet.ports import ServerFilter
from tests.contracts.builders import ADMIN, AT, SECOND, a_sample, store_samples, stored_server
from tests.integration.persistence.conftest import uow_factory

DOCUMENTED = {
    ("users", "id"): ("int", "NO", None, "auto_increment"),
    ("users", "username"): ("varchar(50)", "NO", None, ""),
    ("users", "password"): ("varchar(255)", "NO", None, ""),
    ("users", "role"): ("enum('admin','user')", "NO", "user", ""),
    ("users", "created_at"): ("datetime", "NO", "current_timestamp", ""),
    ("servers", "id"): ("int", "NO", None, "auto_increment"),
    ("servers", "server_name"): ("varchar(100)", "NO", None, ""),
    ("servers", "ip_address"): ("varchar(45)", "NO", None, ""),
    ("servers", "port"): ("int", "NO", "22", ""),
    ("servers", "status"): ("enum('online','offline')", "NO", "offline", ""),
    ("servers", "created_at"): ("datetime", "NO", "current_timestamp", ""),
    ("server_users", "user_id"): ("int", "NO", None, ""),
    ("server_users", "server_id"): ("int", "NO", None, ""),
    # Wider than the seed's INT, which ten thousand servers use up in five weeks.
    ("monitor_data", "id"): ("bigint", "NO", None, "auto_increment"),
    ("monitor_data", "server_id"): ("int", "NO", None, ""),
    ("monitor_data", "ip_address"): ("varchar(45)", "NO", None, ""),
    ("monitor_data", "cpu_value"): ("decimal(5,2)", "NO", None, ""),
    ("monitor_data", "memory_value"): ("decimal(5,2)", "NO", None, ""),
    ("monitor_data", "disk_value"): ("decimal(5,2)", "NO", None, ""),
    # To the microsecond, which the seed's plain DATETIME cuts off: with the server it identifies a sample.
    ("monitor_data", "recorded_at"): ("datetime(6)", "NO", "current_timestamp(6)", ""),
}
TABLES = ("users", "servers", "server_users", "monitor_data")


@pytest.fixture
def ask(mariadb_engine: Engine) -> Any:
    def rows(question: str) -> list[tuple[Any, ...]]:
        with mariadb_engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question)) if row[0] in TABLES]

    return rows


def plain(kind: str) -> str:
    """MariaDB and MySQL 5.7 still show the display width that MySQL 8 dropped."""
    return kind.replace("int(11)", "int").replace("int(20)", "int")


def default(value: str | None) -> str | None:
    """MariaDB shows defaults as SQL, MySQL as text."""
    return None if value in (None, "NULL") else value.strip("'").removesuffix("()").lower()


def test_columns_are_the_documented_ones(ask: Any) -> None:
    rows = ask(
        "SELECT table_name, column_name, column_type, is_nullable, column_default, extra "
        "FROM information_schema.columns WHERE table_schema = DATABASE()"
    )
    found = {(t, c): (plain(kind), nullable, default(value), extra) for t, c, kind, nullable, value, extra in rows}

    assert {name: found.get(name) for name in DOCUMENTED} == DOCUMENTED


def test_keys_are_the_documented_ones(ask: Any) -> None:
    rows = ask(
        "SELECT table_name, index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) "
        "FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0 GROUP BY 1, 2"
    )
    unique = {(table, columns) for table, _, columns in rows}

    assert {
        ("users", "id"),
        ("users", "username"),
        ("servers", "id"),
        ("servers", "ip_address"),
        ("server_users", "user_id,server_id"),
        ("monitor_data", "id"),
        ("monitor_data", "server_id,recorded_at"),
    } <= unique


def test_links_are_the_documented_ones_and_cascade(ask: Any) -> None:
    rows = ask(
        "SELECT k.table_name, k.column_name, k.referenced_table_name, r.delete_rule "
        "FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r "
        "ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name "
        "WHERE k.table_schema = DATABASE()"
    )

    assert set(rows) == {
        ("server_users", "user_id", "users", "CASCADE"),
        ("server_users", "server_id", "servers", "CASCADE"),
        ("monitor_data", "server_id", "servers", "CASCADE"),
    }


def test_they_store_every_text_and_compare_exactly(ask: Any) -> None:
    rows = ask(
        "SELECT table_name, engine, table_collation, row_format FROM information_schema.tables "
        "WHERE table_schema = DATABASE()"
    )

    assert {tuple(row[1:]) for row in rows} == {("InnoDB", "utf8mb4_bin", "Dynamic")}


ADD_SERVER = text("INSERT INTO servers (id, server_name, ip_address) VALUES (1, 'a', '192.0.2.1')")
ADD_SAMPLE = text(
    "INSERT INTO monitor_data (server_id, ip_address, cpu_value, memory_value, disk_value) "
    "VALUES (1, '192.0.2.1', 1.25, 2.5, 3)"
)


def test_rows_can_be_inserted_with_the_documented_columns_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(ADD_SERVER)
        connection.execute(ADD_SAMPLE)

    (sample,) = SqlQueries(engine).samples.latest()
    assert (sample.server_id, sample.cpu, sample.memory, sample.disk, sample.extra) == (1, 1.25, 2.5, 3.0, None)


def test_deleting_a_server_by_hand_deletes_its_rows(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(ADD_SERVER)
        connection.execute(ADD_SAMPLE)
        connection.execute(text("INSERT INTO server_tags (server_id, tag) VALUES (1, 'a')"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM servers"))

    with engine.connect() as connection:
        assert [connection.execute(select(table)).all() for table in (monitor_data, server_tags)] == [[], []]


def test_a_server_with_a_long_history_is_deleted_piece_by_piece(mariadb_engine: Engine) -> None:
    """One statement for all its rows could take too long."""
    new_uow = uow_factory(mariadb_engine)
    server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
    store_samples(new_uow, a_sample(other.id), *(a_sample(server.id, AT + n * SECOND) for n in range(20_001)))

    deletions: list[int] = []
    event.listen(mariadb_engine, "after_cursor_execute", lambda _c, cursor, sql, *_: deletions.append(cursor.rowcount))
    with new_uow() as uow:
        uow.servers.delete([server.id])
        uow.commit()

    assert max(deletions) <= 10_000
    assert SqlQueries(mariadb_engine).samples.latest() == [a_sample(other.id)]


def test_times_that_the_database_fills_in_are_in_utc(engine: Engine) -> None:
    """In any time zone of the machine."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    with engine.begin() as connection:
        connection.execute(ADD_SERVER)
        connection.execute(ADD_SAMPLE)
    after = datetime.now(UTC) + timedelta(seconds=1)

    queries = SqlQueries(engine)
    (server,), (sample,) = queries.servers.find(ADMIN, ServerFilter()), queries.samples.latest()
    assert all(before <= at <= after for at in (server.created_at, sample.recorded_at, sample.received_at))


def test_times_that_sqlite_fills_in_sort_among_ours(sqlite_engine: Engine) -> None:
    """They are texts of one length."""
    with sqlite_engine.begin() as connection:
        connection.execute(ADD_SERVER)
        connection.execute(ADD_SAMPLE)
        stored = connection.execute(text("SELECT recorded_at, received_at FROM monitor_data")).one()
        assert {len(at) for at in stored} == {len(written(AT))}
