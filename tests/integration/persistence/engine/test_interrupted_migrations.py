"""A step of the schema that was interrupted goes on, up and down, and can be taken back instead.

SQLite does a migration in one transaction. MySQL keeps the changes of tables that were made until then. `make upgrades`
interrupts each step before each of its statements; otherwise some statements are chosen by the commit.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import pytest

from monitor.adapters.persistence.engine import migrations
from scripts.system import HAS_MYSQL
from tests.integration.cli.running import call
from tests.integration.mariadb import MariaDb
from tests.integration.mysql import private_mysql
from tests.integration.persistence.engine.interruptions import (
    STEPS,
    MySqlPlace,
    Place,
    Snapshot,
    SqlitePlace,
    before,
    down,
    interruption,
    is_interrupted,
    killed,
    up,
)

pytestmark = pytest.mark.nightly(each=True)

KINDS = ["sqlite", "mariadb", *(["mysql"] if HAS_MYSQL else [])]
NEWEST = {*STEPS[-6:]}
ALL = "UPGRADES" in os.environ
NEVER = 10_000
KILLABLE = sorted({*STEPS[1:]} - {"0015"})
"""Not the way back of the step that needs the key which the snapshots were made with."""
Migrate = Callable[[str, str], None]


@cache
def commit() -> str:
    """Return what chooses the statements, so that each is tried after some commits."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.fixture(scope="module")
def places(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    found: dict[str, Place] = {
        "sqlite": SqlitePlace(tmp_path_factory.mktemp("places")),
        "mariadb": MySqlPlace(mariadb.url(mariadb.create_database())),
    }
    if not HAS_MYSQL:
        yield found
        return
    with private_mysql() as mysql:
        yield {**found, "mysql": MySqlPlace(mysql.url(mysql.create_database()))}


@dataclass(frozen=True, slots=True)
class Case:
    """A step in one direction."""

    place: Place
    go: Migrate
    start: str
    end: str

    def run(self, *, interrupted_before: int = NEVER) -> list[str]:
        """Return the statements that were run."""
        self.place.restore(self.place.at(self.start))
        with interruption(interrupted_before) as done:
            self.go(self.place.url, self.end)
        return done

    def undisturbed(self) -> tuple[Snapshot, int]:
        """Return what the step makes, and the number of its statements."""
        statements = self.run()
        return self.place.snapshot(), len(statements)

    def interrupt(self, before: int) -> None:
        self.place.restore(self.place.at(self.start))
        assert is_interrupted(before, self.go, self.place.url, self.end)


def directions(place: Place, step: str) -> list[Case]:
    return [Case(place, up, before(step), step), Case(place, down, step, before(step))]


def chosen(case: Case, kind: str, count: int) -> list[int]:
    """Return before which of the statements, from 1, to interrupt."""
    numbers = range(1, count + 1)
    if ALL:
        return list(numbers)
    most = 2 if {case.start, case.end} & NEWEST and kind != "sqlite" else 1
    return sorted(chance(kind, case).sample(numbers, min(most, count)))


def is_chosen(case: Case, kind: str) -> bool:
    return ALL or bool({case.start, case.end} & NEWEST) or chance(kind, case).random() < 1 / 3


def chance(kind: str, case: Case) -> Random:
    return Random(f"{commit()} {kind} {case.start} {case.end}")  # noqa: S311 (no secret)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_on_wherever_it_was_interrupted(places: dict[str, Place], kind: str, step: str):
    place = places[kind]
    for case in filter(lambda case: is_chosen(case, kind), directions(place, step)):
        made, count = case.undisturbed()
        for statement in chosen(case, kind, count):
            case.interrupt(statement)
            if kind == "sqlite":
                assert place.at(case.start) == place.snapshot(), (case.end, statement)
            case.go(place.url, case.end)
            found = place.snapshot()
            assert (made.schema, made.rows) == (found.schema, found.rows), (case.end, statement)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "sqlite"])
def test_it_can_be_taken_back_wherever_it_was_interrupted(places: dict[str, Place], kind: str, step: str):
    """Until then no process of the newer version starts."""
    place = places[kind]
    for case, back in zip(directions(place, step), (down, up), strict=True):
        if is_chosen(case, kind):
            _, count = case.undisturbed()
            back(place.url, case.start)
            there_and_back = place.snapshot().schema
            for statement in chosen(case, kind, count):
                case.interrupt(statement)
                if place.snapshot().schema != place.at(case.start).schema:
                    assert before(step) == (migrations.present_revision(place.url) or "base")
                back(place.url, case.start)
                assert there_and_back == place.snapshot().schema, (case.end, statement)


def commands(place: Place, step: str) -> list[tuple[Case, tuple[str, ...]]]:
    there, back = directions(place, step)
    return [(there, ("db", "upgrade", "--no-backup", step)), (back, ("db", "downgrade", "--yes", back.end))]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_on_after_its_process_was_killed(places: dict[str, Place], tmp_path: Path, kind: str, number: int):
    """By `kill -9`, between two statements of steps that the commit chooses."""
    place = places[kind]
    step = Random(f"{commit()} {kind}").sample(KILLABLE, 3)[number]  # noqa: S311 (no secret)
    settings = {"DATABASE_URL": place.url, "MONITOR_DATA_DIR": str(tmp_path)}
    for case, command in commands(place, step):
        made, count = case.undisturbed()
        place.restore(place.at(case.start))
        if not count:
            continue
        statement = chosen(case, kind, count)[-1]
        assert killed(statement, tmp_path, *command, settings=settings), (command, statement)
        if kind == "sqlite":
            assert place.at(case.start) == place.snapshot(), (command, statement)
        again = call(tmp_path, *command, settings=settings)
        assert 0 == again.returncode, again.stderr
        found = place.snapshot()
        assert (made.schema, made.rows) == (found.schema, found.rows), (command, statement)
