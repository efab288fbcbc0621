"""An upgrade over all steps since history is sealed, with much of it: nothing is lost, and the estimate holds."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from monitor.adapters.persistence.backup.before_upgrade import client
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import Frame, concatenated
from monitor.domain.history.rollups import HALF_DAY, HOUR, folded, rolled_up
from tests.integration.cli.running import call
from tests.integration.persistence.history.test_migrations import FIRST, OLD_ROW, WEEK, insert_server

pytestmark = pytest.mark.nightly

SERVERS, WEEKS, RAW, CHUNKS = 40, 53, 200_000, 2000
METRICS = [f"disk./{name}" for name in "abcdefgh"]
MOST = 4
"""Times by which the estimate may be wrong."""


def week(number: int) -> bytes:
    hours = range(number * WEEK, number * WEEK + WEEK)
    frames = []
    for hour in hours:
        times = [hour * HOUR + n * 900_000_000 for n in range(4)]
        columns = {name: [hour * place % 97 + n / 4 for n in range(4)] for place, name in enumerate(METRICS)}
        frames.append(folded(rolled_up(Frame(times, columns)), HOUR))
    return encode(concatenated(frames))


def fill(connection: Connection, weeks: list[bytes]) -> None:
    """Insert the history of a year for each server, and raw samples of the last days."""
    rows = [
        {"s": server, "p": FIRST + number, "d": data}
        for server in range(1, SERVERS + 1)
        for number, data in enumerate(weeks)
    ]
    connection.execute(
        text("INSERT INTO history_rollups (server_id, width, period, data) VALUES (:s, 3600, :p, :d)"), rows
    )
    chunk = text("INSERT INTO history_chunks (server_id, hour, samples, data) VALUES (:s, :h, 240, :d)")
    hours = [{"s": server, "h": hour, "d": b"sealed" * 100} for server in (1, 2) for hour in range(CHUNKS)]
    connection.execute(chunk, hours)
    raw = text(f"{OLD_ROW} VALUES (:s, '192.0.2.1', :v, 2, 3, :at, :at)")
    first = datetime(2030, 1, 1)  # noqa: DTZ001 (as the database has it)
    for begin in range(0, RAW, 20_000):
        numbers = range(begin, begin + 20_000)
        at = [f"{first + timedelta(seconds=number)}.000000" for number in numbers]
        samples = [{"s": n % SERVERS + 1, "v": n % 97 / 4, "at": moment} for n, moment in zip(numbers, at, strict=True)]
        connection.execute(raw, samples)


def series(url: str) -> list[Any]:
    """Return what is known of the history: raw samples, chunks, and rollups of an hour."""
    with create_migration_engine(url).connect() as connection:
        return [
            connection.execute(text(query)).all()
            for query in (
                "SELECT id, server_id, cpu_value, recorded_at FROM monitor_data ORDER BY id",
                "SELECT server_id, hour, samples, data FROM history_chunks ORDER BY server_id, hour",
                "SELECT server_id, period, data FROM history_rollups WHERE width = 3600 ORDER BY server_id, period",
            )
        ]


def seconds(said: str) -> float:
    """Return what `span` has written."""
    worth = {"h": 3600, "min": 60, "s": 1}
    return float(sum(int(number) * worth[unit] for number, unit in re.findall(r"(\d+) (h|min|s)\b", said)))


def test_a_year_of_history_comes_through(tmp_path: Path, database_url: str):
    migrations.upgrade(database_url, "0004")
    engine = create_migration_engine(database_url)
    for number in range(1, SERVERS + 1):
        insert_server(engine, number)
    weeks = [week(FIRST + number) for number in range(WEEKS)]
    with engine.begin() as connection:
        fill(connection, weeks)
    before = series(database_url)
    settings = {"DATABASE_URL": database_url, "MONITOR_DATA_DIR": str(tmp_path)}
    no_backup = () if database_url.startswith("sqlite") or client() else ("--no-backup",)
    done = call(tmp_path, "db", "upgrade", *no_backup, settings=settings)
    assert 0 == done.returncode, done.stderr
    first, *_, last = done.stderr.splitlines()
    estimated, took = seconds(first.partition("about ")[2].partition(";")[0]), seconds(last.partition("it took ")[2])
    assert estimated / MOST <= max(took, 2) <= estimated * MOST, done.stderr
    assert before == series(database_url)
    with engine.connect() as connection:
        made = connection.execute(
            text("SELECT server_id, data FROM history_rollups WHERE width = 43200 ORDER BY server_id, period")
        ).all()
    expected = folded(concatenated([decode(data) for data in weeks]), HALF_DAY)
    for server in (1, SERVERS):
        assert expected == concatenated([decode(row.data) for row in made if row.server_id == server])
    assert 0 == call(tmp_path, "db", "downgrade", "0004", "--yes", settings=settings).returncode
    assert before == series(database_url)
