"""`monitor doctor` beside a real server, without one, and without a database; and what its bundle holds."""

import io
import json
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_lease import alone
from monitor.adapters.persistence.engine.schema_state import note_restore
from monitor.assembly import in_memory
from monitor.cli.doctor import stored
from monitor.settings import Settings
from tests.fakes.cipher import TransparentCipher
from tests.integration.cli.running import COMMAND, PASSWORD, Process, call, environment, server, wait_for
from tests.integration.mariadb import MariaDb
from tests.integration.notify.hooks import Answer, Hook, serving
from tests.integration.own_time import ended_after
from tests.integration.ports import free_port

NAMES = [
    *("database", "schema", "disk", "smtp", "clock", "base_url"),
    *("proxies", "agents", "unsent", "jobs", "backup"),
]
LONGEST = 30.0
SECRET = "s3cr3t-planted"
PLANTED = (SECRET, "ann-planted", "planted.example", "198.51.100.23", "planted-host")


def examined(home: Path, **settings: str) -> tuple[int, dict[str, tuple[bool, str]]]:
    done = call(home, "doctor", "--json", settings=settings)
    found = json.loads(done.stdout)
    assert [{"name", "ok", "text"}] * len(NAMES) == [each.keys() for each in found]
    return done.returncode, {each["name"]: (each["ok"], each["text"]) for each in found}


def bad(found: dict[str, tuple[bool, str]]) -> set[str]:
    return {name for name, (ok, _) in found.items() if not ok}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with server(tmp_path_factory.mktemp("server"), MONITOR_WATCHES_ITSELF="true") as process:
        yield process


def test_a_server_that_works(running: Process) -> None:
    def works() -> bool:
        code, found = examined(running.home, MONITOR_DATA_DIR=str(running.data))
        return NAMES == [*found] and bad(found) <= {"disk"} and code == bool(bad(found))

    wait_for(works, "the first report of the process")
    _, found = examined(running.home, MONITOR_DATA_DIR=str(running.data))
    assert re.match(
        r"1 of 1 processes reported within 1 min 0 s, \d\d jobs ran in time; the longest ago: [a-z -]+, \d",
        found["jobs"][1],
    )
    assert re.match(r"it is current; this version needs revision \d{4}", found["schema"][1])
    printed = call(running.home, "doctor", settings={"MONITOR_DATA_DIR": str(running.data)}).stdout
    assert NAMES == [line.split()[1] for line in printed.splitlines()]


def test_it_watches_itself(running: Process) -> None:
    with running.admin() as admin:
        wait_for(lambda: admin.get("/api/checks").data[0]["state"] == "up", "the first run")
        [check] = admin.get("/api/checks").data
        assert ("monitor itself", "monitor") == (check["name"], check["kind"])
        policies = [each for each in admin.get("/api/alert-policies").data if each["metric"].startswith("monitor_")]
        assert 5 == len(policies)


def test_nothing_is_created_where_there_is_nothing(tmp_path: Path) -> None:
    code, found = examined(tmp_path, MONITOR_DATA_DIR=str(tmp_path / "data"))
    assert 1 == code
    assert {"database", "schema", "clock", "agents", "unsent", "jobs"} <= bad(found)
    assert "MONITOR_DATA_DIR holds no database" in found["database"][1]
    assert not (tmp_path / "data").exists()


def test_a_database_server(tmp_path: Path, ready_mariadb_url: str) -> None:
    _, found = examined(tmp_path, DATABASE_URL=ready_mariadb_url, MONITOR_DATA_DIR=str(tmp_path))
    assert {"jobs"} == bad(found) - {"disk"}, "no server runs"
    assert re.match(r"mysql .+ answers in \d+ ms", found["database"][1])
    assert "0 of 0 processes reported" in found["jobs"][1]


@pytest.mark.parametrize("away", ["killed", "hanging"])
def test_the_database_is_away(tmp_path: Path, own_mariadb: MariaDb, away: str) -> None:
    url = own_mariadb.url(own_mariadb.create_database())
    own_mariadb.kill() if away == "killed" else own_mariadb.pause()
    settings = environment(tmp_path, DATABASE_URL=url, MONITOR_DATA_DIR=str(tmp_path))
    with subprocess.Popen((*COMMAND, "doctor", "--json"), env=settings, stdout=subprocess.PIPE) as doctor:
        assert ended_after(doctor.pid) < LONGEST
        found = {each["name"]: (each["ok"], each["text"]) for each in json.load(doctor.stdout or io.BytesIO())}
    assert {"database", "schema", "clock", "agents", "unsent", "jobs"} == bad(found) - {"disk"}
    assert away == "hanging" or "DATABASE_URL: can't use the database" in found["database"][1]
    assert "not configured" in found["smtp"][1]


def test_a_bundle_holds_no_secret_address_or_name(running: Process, tmp_path: Path) -> None:
    """They are planted wherever people, settings and other programs may write them."""
    log = tmp_path / "planted.log"
    log.write_text(
        "2030-01-01 12:00:00 [warning  ] job fails                      "
        f"error=\"OSError('{SECRET} at planted.example of ann-planted')\" job='tidy up'\n"
        f"WARNING monitor.x: {SECRET} 198.51.100.23\nann-planted logged in from 198.51.100.23 at planted-host\n"
    )
    with running.admin() as admin:
        user = {"username": "ann-planted", "password": PASSWORD, "role": "user", "email": "ann-planted@planted.example"}
        made = admin.post("/api/users", user).data
        host = {"server_name": "planted-host", "ip_address": "198.51.100.23", "user_ids": [made["id"]]}
        admin.post("/api/servers", host | {"tags": ["planted-host"]})
        check = {"name": "planted-host", "kind": "http", "target": f"https://ann-planted:{SECRET}@planted.example/"}
        admin.post("/api/checks", check)
    with closing(sqlite3.connect(running.data / "monitor.db")) as database, database:
        spoilt = "json_set(report, '$.host', 'planted-host', '$.faults', json_array(?))"
        database.execute(f"UPDATE heartbeats SET report = {spoilt}", (SECRET,))  # noqa: S608 (our own text)
    settings = {
        "MONITOR_DATA_DIR": str(running.data),
        "JWT_SECRET_KEY": SECRET * 4,
        "MONITOR_ADMIN_PASSWORD": SECRET,
        "MONITOR_BASE_URL": "https://planted.example",
        "MONITOR_HEARTBEAT_URL": f"https://planted.example/{SECRET}",
        "MONITOR_ALLOWED_HOSTS": "planted-host",
        "MONITOR_TRUSTED_PROXIES": "198.51.100.23",
        "SMTP_HOST": "planted.example",
        "SMTP_USER": "ann-planted@planted.example",
        "SMTP_PASS": SECRET,
        "HISTORY_URL": f"http://ann-planted:{SECRET}@planted.example:8428",
    }
    bundle = tmp_path / "bundle.zip"
    done = call(tmp_path, "doctor", "--bundle", str(bundle), "--log", str(log), settings=settings)
    assert "manifest.json says what was left out" in done.stderr
    assert 0o600 == bundle.stat().st_mode & 0o777
    with ZipFile(bundle) as held:
        texts = {name: held.read(name).decode() for name in held.namelist()}
    for name, text in texts.items():
        for planted in (*PLANTED, PASSWORD, str(running.home)):
            assert planted not in text, name
    manifest = json.loads(texts["manifest.json"])
    parts = {"doctor", "jobs", "metrics", "settings", "tables", "versions"}
    assert {*(f"{part}.json" for part in parts), "log.txt"} == {*manifest["files"]}
    assert {} == manifest["missing"]
    assert {"settings.json", "tables.json"} <= manifest["left_out"].keys()
    assert 2 <= json.loads(texts["tables.json"])["rows"]["users"]
    assert "tidy up" in [job["name"] for job in json.loads(texts["jobs.json"])[0]]
    assert ("set", 8000) == tuple(json.loads(texts["settings.json"])[name] for name in ("jwt_secret", "port"))
    assert "job fails" in texts["log.txt"]
    assert "monitor_queue_samples" in texts["metrics.json"]


def test_a_database_with_a_part_of_a_restore_is_bad(tmp_path: Path, mariadb_url: str) -> None:
    engine = create_migration_engine(mariadb_url)
    with engine.connect() as connection, alone(engine, connection, patience=10):
        note_restore(connection, begins=True)
        connection.commit()
    _, found = examined(tmp_path, DATABASE_URL=mariadb_url)
    assert (False, True) == (found["schema"][0], "monitor restore" in found["schema"][1])


@pytest.mark.parametrize("mark", ["", "9999"])
def test_a_schema_of_another_version_is_bad(tmp_path: Path, ready_sqlite_url: str, mark: str) -> None:
    """Older, and contracted by a later version."""
    if mark:
        with closing(sqlite3.connect(tmp_path / "monitor.db")) as database, database:
            database.execute("UPDATE schema_contract SET revision = ?", (mark,))
    else:
        migrations.downgrade(ready_sqlite_url, "0034", TransparentCipher("a key"))
    code, found = examined(tmp_path, DATABASE_URL=ready_sqlite_url)
    begins, ends = ("it is newer;", "install the newer") if mark else ("it is older;", "run `monitor db upgrade`")
    assert (1, False) == (code, found["schema"][0])
    assert found["schema"][1].startswith(begins), found
    assert ends in found["schema"][1], found


def test_a_clock_that_differs_from_the_database_servers_is_bad(ready_mariadb_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=ready_mariadb_url, data_dir=tmp_path)
    for ahead, ok in ((-50, True), (-70, False), (70, False)):
        clock = FixedClock(datetime.now(UTC) + timedelta(seconds=ahead))
        found = stored.clock(in_memory(settings, clock=clock))
        assert ok is found.ok, found
        assert ok or re.match(r"it differs by 1 min \d+ s at most .*: synchronize the clocks", found.text), found


def nobody(_: Hook) -> int:
    return free_port()


def somebody(hook: Hook) -> int:
    return hook.port


@pytest.mark.parametrize(
    ("port_of", "answer", "said"),
    [
        (nobody, (), "it does not lead here: correct MONITOR_BASE_URL, its name or its proxy"),
        (somebody, (404, {}, b"not found"), "its answer has status 404"),
        (somebody, (302, {"Location": "/log-in"}, b""), "its answer has status 302"),
        (somebody, (200, {}, b"<p>Welcome!</p>"), "status 200, and another program's text"),
    ],
)
def test_mail_and_addresses_that_lead_elsewhere_are_bad(
    tmp_path: Path, ready_sqlite_url: str, port_of: Callable[[Hook], int], answer: Answer, said: str
) -> None:
    with serving(Hook(lambda _: answer)) as hook:
        mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(free_port()), "SMTP_FROM": "monitor@example.org"}
        url = f"http://127.0.0.1:{port_of(hook)}"
        _, found = examined(tmp_path, DATABASE_URL=ready_sqlite_url, MONITOR_BASE_URL=url, **mail)
    assert {"smtp", "base_url"} <= bad(found)
    assert said in found["base_url"][1]
    assert re.match(r"it fails at '\w+': correct SMTP_\*, or the mail settings \(.+\)", found["smtp"][1]), found


def test_a_bundle_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"kept")
    done = call(tmp_path, "doctor", "--bundle", str(tmp_path / "a.db"))
    assert (b"kept", 1) == ((tmp_path / "a.db").read_bytes(), done.returncode)
    assert "File exists" in done.stderr


def test_a_bundle_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = call(tmp_path, "doctor", "--bundle", str(tmp_path / "missing" / "a.zip"))
    assert (1, f"monitor: {tmp_path}/missing/a.zip: No such file or directory") == (
        done.returncode,
        done.stderr.splitlines()[-1],
    )
