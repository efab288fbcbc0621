"""An upgrade in two halves, between which processes of both versions serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.adapters.persistence.backup.before_upgrade import client
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, process, run, wait_for
from tests.integration.next_release import VERSION, next_release

pytestmark = pytest.mark.nightly

NEWER = "the database's schema is newer than this version of monitor"
INTERVAL = 15


class TwoVersions:
    """One database, and the programs of this version and of the next. The same secrets for all processes."""

    def __init__(self, home: Path, url: str, installed: dict[str, str]) -> None:
        self.home = home
        self.old = {"DATABASE_URL": url}
        self.new = {**self.old, **installed}

    def upgrade(self, settings: dict[str, str], *options: str) -> tuple[int, str]:
        """Return the exit code and the last line, or the one of a refusal."""
        no_backup = () if settings["DATABASE_URL"].startswith("sqlite") or client() else ("--no-backup",)
        done = run(self.home, "db", "upgrade", *options, *no_backup, settings=settings)
        said = done.stderr if done.returncode else done.stdout
        assert 1 == said.count("\n"), said
        return done.returncode, said.removeprefix("monitor: ")[:-1]

    @contextmanager
    def serving(self, settings: dict[str, str], *options: str) -> Iterator[Process]:
        with process(self.home, "serve", *options, **settings) as running:
            running.start()
            yield running

    def refusal(self, settings: dict[str, str], *options: str) -> str:
        with process(self.home, "serve", *options, **settings) as running:
            running.launch()
            assert 1 == running.end(60)
            return running.said


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return next_release(tmp_path_factory.mktemp("next"))


@pytest.fixture
def site(tmp_path: Path, database_url: str, installed: dict[str, str]) -> TwoVersions:
    return TwoVersions(tmp_path, database_url, installed)


def made_key(running: Process) -> str:
    with running.admin() as admin:
        made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"}).data
        key: str = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        return key


def works(running: Process, key: str) -> None:
    """It stores a sample, and shows it with the column that the next version renames."""
    values = {"cpu_value": 1, "memory_value": 2, "disk_value": 3}
    with Client(running.port, key=key) as agent, running.admin() as admin:
        wait_for(lambda: agent.post("/api/monitor/data", {}).status == 400, "the key to be known")
        before = len(admin.get("/api/monitor/data").data)
        assert 200 == agent.post("/api/monitor/data", {"interval": INTERVAL, "metrics": values}).status
        rows = admin.get("/api/monitor/data").data
        assert (before + 1, INTERVAL) == (len(rows), rows[0]["interval"])


def test_both_versions_serve_between_the_halves(site: TwoVersions):
    with site.serving(site.old, "--migrate") as old:
        key = made_key(old)
        works(old, key)
        assert (1, "the schema is not expanded: first run `monitor db upgrade --expand`") == site.upgrade(
            site.new, "--contract"
        )
        assert (0, True) == ((said := site.upgrade(site.new, "--expand"))[0], "replace the processes" in said[1])
        works(old, key)
        assert 0 == old.stop()
        old.start()
        with site.serving(site.new) as new:
            works(old, key)
            works(new, key)
            code, line = site.upgrade(site.new, "--contract")
            assert (1, True) == (code, "older version serve, and would fail: 1.0.0 on " in line), line
            assert (1, NEWER) == site.upgrade(site.old)
            works(old, key)
            assert 0 == old.stop()
            assert (0, "the schema is up to date") == site.upgrade(site.new, "--contract")
            works(new, key)
            with new.admin() as admin:
                assert {INTERVAL} == {row["interval"] for row in admin.get("/api/monitor/data").data}
    assert NEWER in site.refusal(site.old, "--migrate")
    assert "the schema is up to date\n" == run(site.home, "db", "check", settings=site.new).stdout
    for half in ("--expand", "--contract"):
        assert (0, "the schema is up to date") == site.upgrade(site.new, half)


def test_the_last_process_that_is_replaced_contracts(site: TwoVersions):
    """With --migrate at each start there is nothing else to do."""
    with site.serving(site.old, "--migrate") as one, site.serving(site.old, "--migrate") as two:
        key = made_key(one)
        assert 0 == one.stop()
        with site.serving(site.new, "--migrate") as first:
            assert "not contracted, since others serve: 1.0.0 on " in first.said
            works(first, key)
            works(two, key)
            assert 0 == two.stop()
            with site.serving(site.new, "--migrate") as second:
                assert "contracted" not in second.said
                works(first, key)
                works(second, key)
    assert NEWER in site.refusal(site.old, "--migrate")


def test_one_command_upgrades_where_nothing_serves(site: TwoVersions):
    """Even if the process before was killed and had no time to say so."""
    with site.serving(site.old, "--migrate") as old:
        key = made_key(old)
        works(old, key)
        old.kill()
    with site.serving(site.new, "--migrate") as new:
        works(new, key)
        with new.admin() as admin:
            wait_for(
                lambda: [VERSION] == [row["version"] for row in admin.get("/api/cluster").data],
                "the killed process to count as dead",
            )
    assert NEWER in site.refusal(site.old)


def test_back_to_the_version_before(site: TwoVersions):
    with site.serving(site.old, "--migrate") as old:
        key = made_key(old)
    assert (0, "the schema is up to date") == site.upgrade(site.new)
    assert NEWER in site.refusal(site.old)
    assert 0 == run(site.home, "db", "downgrade", "-1", settings=site.new).returncode
    with site.serving(site.old) as old:
        works(old, key)


def test_an_empty_database_is_made_by_the_first_half(site: TwoVersions):
    assert 0 == site.upgrade(site.new, "--expand")[0]
    assert "the schema is up to date\n" == run(site.home, "db", "check", settings=site.new).stdout
    with site.serving(site.new) as new:
        works(new, made_key(new))


def test_a_half_and_a_revision_are_too_much(tmp_path: Path):
    done = run(tmp_path, "db", "upgrade", "--expand", "0020")
    assert (2, True) == (done.returncode, "--expand takes no revision" in done.stderr)
