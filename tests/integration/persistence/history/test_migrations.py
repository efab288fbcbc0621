"""Data stored before rollups of half a day, and intervals, existed."""

import pytest
from sqlalchemy import Engine, text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.store import SqlQueries
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter
from monitor.application.history.sealing import prepared, write
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import Frame, concatenated
from monitor.domain.history.rollups import HALF_DAY, HOUR, folded, rolled_up
from tests.contracts.builders import ADMIN, AT, SECOND, a_sample, store_samples
from tests.integration.persistence.conftest import engine_at, uow_factory

pytestmark = pytest.mark.nightly

WEEK, FIRST = 7 * 24, 2607  # the middle of four weeks


def hour(number: int) -> Frame:
    times = [number * HOUR + n * 900_000_000 for n in range(4)]
    return folded(rolled_up(Frame(times, {"cpu": [number % 97 + n / 4 for n in range(4)]})), HOUR)


def insert_server(engine: Engine, number: int) -> ServerId:
    """Insert one with the columns that it had."""
    wanted = "INSERT INTO servers (id, server_name, ip_address, port) VALUES (:id, 'web', :address, 22)"
    with engine.begin() as connection:
        connection.execute(text(wanted), {"id": number, "address": f"192.0.2.{number}"})
    return ServerId(number)


def test_the_upgrade_adds_rollups_of_half_a_day(database_url: str) -> None:
    engine = engine_at(database_url, "0004")
    one, other = (insert_server(engine, n) for n in (1, 2))
    weeks = [
        concatenated([hour(n) for n in range(week * WEEK + 5, week * WEEK + 100)]) for week in range(FIRST, FIRST + 5)
    ]
    rows = [{"s": one, "p": FIRST + n, "d": encode(week)} for n, week in enumerate(weeks)]
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO history_rollups (server_id, width, period, data) VALUES (:s, 3600, :p, :d)"), rows
        )

    migrations.upgrade(database_url)

    history = SqlQueries(engine).history
    found = history.rollups(one, 43_200, 0, FIRST)
    assert [rollup.period for rollup in found] == sorted({week // 4 for week in range(FIRST, FIRST + 5)})
    assert concatenated([decode(rollup.data) for rollup in found]) == folded(concatenated(weeks), HALF_DAY)
    assert history.rollups(other, 43_200, 0, FIRST) == []
    migrations.downgrade(database_url, "0004")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT width, COUNT(*) FROM history_rollups GROUP BY width")).all() == [
            (3600, len(weeks))
        ]
    engine.dispose()


# 2030-01-01 12:00, every 15 s, as encoded before intervals were stored.
OLD_CHUNK = bytes.fromhex(
    "0178bb345c17bfcbe16068687dd2cb27c7c0c4c0c0c1965c50cac1c4c226c70351c1c1c090c29192599ccdc1c2b08b8f2b273f31c5908d85"
    "8923859191919be11f3300c1ac0d9b00920072"
)
OLD_ROW = (
    "INSERT INTO monitor_data (server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at, received_at)"
)


def test_samples_stored_before_intervals_have_none(database_url: str) -> None:
    """Rows and chunks, also after a late sample is sealed with them."""
    engine = engine_at(database_url, "0006")
    new_uow, queries, first = uow_factory(engine), SqlQueries(engine), int(AT.timestamp()) // 3600
    server = insert_server(engine, 1)
    with engine.begin() as connection:
        row = f"{OLD_ROW} VALUES ({server:d}, '192.0.2.1', 1, 2, 3, '2030-01-01 13:00:00.5', '2030-01-01 13:00:01')"
        connection.exec_driver_sql(row)
    with engine.begin() as connection:
        chunk = {"s": server, "h": first, "d": OLD_CHUNK}
        connection.execute(
            text("INSERT INTO history_chunks (server_id, hour, samples, data) VALUES (:s, :h, 4, :d)"), chunk
        )

    migrations.upgrade(database_url)

    def read() -> list[tuple[float, float | None]]:
        rows = newest(queries, ADMIN, SampleFilter(server_id=server))
        return [(row.sample.cpu, row.sample.interval) for row in reversed(rows)]

    old = [(1.5, None), (2.5, None), (3.5, None), (4.5, None), (1.0, None)]
    assert read() == old
    store_samples(new_uow, a_sample(server, AT + 5 * SECOND, cpu=9.0, interval=30.0))
    assert read() == [*old[:1], (9.0, 30.0), *old[1:]]
    ids, frame = queries.history.raw_rows(server, first)
    with new_uow() as uow:
        write(uow, prepared(queries, server, {first: frame}, ids=ids, raw_samples={first: 0}))
        uow.commit()
    assert read() == [*old[:1], (9.0, 30.0), *old[1:]]
    migrations.downgrade(database_url, "0006")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM monitor_data").scalar() == 1
    engine.dispose()
