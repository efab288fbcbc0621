"""What the first start generates and later starts use."""

import re
import stat
from pathlib import Path

import pytest

from tests.integration.cli.running import PASSWORD, Process, process, server, wait_for
from tests.integration.mariadb import MariaDb

MADE_UP = re.compile(r"log in as admin with the password (\S+) \(shown only now\)")
HOW_MUCH = re.compile(r"monitor: (schema .+|.+ MB are needed .+|it took .+|no backup is made, .+|backed up into .+)")
DEFAULT = "admin123"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def made_up_password(started: Process) -> str:
    found: list[str] = MADE_UP.findall(started.printed)
    assert len(found) == 1
    return found[0]


def test_a_random_password_is_shown_once(tmp_path: Path):
    """Only the first start on an empty database shows it."""
    with process(tmp_path, "serve", "--migrate", MONITOR_ADMIN_PASSWORD="") as running:
        running.start()
        password = made_up_password(running)
        running.stop()
        running.start()
        assert password == made_up_password(running)
        running.admin(password).close()
        with running.client() as client:
            assert 401 == client.post("/api/auth/login", {"username": "admin", "password": DEFAULT}).status
        assert password not in running.said


def test_a_configured_password_is_never_shown(tmp_path: Path):
    with process(tmp_path, "serve", "--migrate") as running:
        running.start()
        running.admin().close()
        assert PASSWORD not in running.printed + running.said


def test_secrets_are_readable_by_the_owner_only_and_stay(tmp_path: Path):
    """A token stays valid after a restart."""
    with process(tmp_path, "serve", "--migrate") as running:
        running.start()
        secret = running.data / "jwt-secret"
        before = secret.read_bytes()
        files = (running.data, secret, running.data / "monitor.db", running.data / "secrets-key")
        assert [0o700, 0o600, 0o600, 0o600] == [mode(path) for path in files]
        with running.admin() as admin:
            token = admin.token or ""
        running.stop()
        assert {"jwt-secret", "monitor.db", "secrets-key"} == {path.name for path in running.data.iterdir()}
        running.start()
        with running.client() as client:
            client.use(token)
            assert 200 == client.get("/api/auth/me").status
        assert before == secret.read_bytes()


@pytest.mark.nightly
def test_up_accepts_the_default_password_on_loopback(tmp_path: Path):
    """The output says so until the password is changed."""
    with process(tmp_path, "up", MONITOR_ADMIN_PASSWORD="") as running:
        for starts in (1, 2):
            running.start()
            assert starts == running.printed.count(f"the password {DEFAULT} (the default: please change it)")
            with running.admin(DEFAULT) as admin:
                assert 200 == admin.get("/api/servers").status
                if starts == 2:
                    change = {"old_password": DEFAULT, "new_password": PASSWORD}
                    assert 200 == admin.post("/api/auth/change-password", change).status
            running.stop()
        running.start()
        assert 2 == running.printed.count(DEFAULT)
        running.admin().close()


@pytest.mark.nightly
def test_up_on_all_addresses_generates_a_password(tmp_path: Path):
    with process(tmp_path, "up", "--host", "0.0.0.0", MONITOR_ADMIN_PASSWORD="") as running:  # noqa: S104 (the point of it)
        running.start()
        password = made_up_password(running)
        with running.client() as client:
            assert 401 == client.post("/api/auth/login", {"username": "admin", "password": DEFAULT}).status
        with running.admin(password) as admin:
            assert 200 == admin.get("/api/servers").status


FOR_EVERYBODY = ("up", "--host", "0.0.0.0")  # noqa: S104 (what is tested)


@pytest.mark.nightly
@pytest.mark.parametrize("command", [FOR_EVERYBODY, ("serve",)], ids=["up for everybody", "serve"])
def test_the_default_password_is_restricted_elsewhere(tmp_path: Path, command: tuple[str, ...]):
    """The database was created on loopback and is served to everybody later."""
    with process(tmp_path, "up", MONITOR_ADMIN_PASSWORD="") as first:
        first.start()
        first.stop()
    with process(tmp_path, *command, MONITOR_ADMIN_PASSWORD="") as running:
        running.start()
        assert "admin still has the default password, which only lets it be changed" in running.printed
        with running.admin(DEFAULT) as admin:
            refused = admin.get("/api/servers")
            assert (403, "password_change_required") == (refused.status, refused.reason)
            change = {"old_password": DEFAULT, "new_password": PASSWORD}
            changed = admin.post("/api/auth/change-password", change)
            assert 200 == changed.status
        with running.admin() as admin:
            assert 200 == admin.get("/api/servers").status


@pytest.mark.nightly(each=True)
def test_two_first_starts_at_once(tmp_path: Path, database_url: str):
    """Both migrate, one creates the administrator, and both use the same secret for tokens."""
    settings = {"DATABASE_URL": database_url, "MONITOR_ADMIN_PASSWORD": ""}
    with (
        process(tmp_path, "serve", "--migrate", **settings) as one,
        process(tmp_path, "serve", "--migrate", **settings) as other,
    ):
        one.launch()
        other.launch()
        one.wait_until_healthy()
        other.wait_until_healthy()
        passwords: list[str] = MADE_UP.findall(one.printed + other.printed)
        assert 1 == len(passwords)
        with one.admin(passwords[0]) as here, other.client() as there:
            assert ["admin"] == [user["username"] for user in here.get("/api/users").data]
            assert here.token is not None
            there.use(here.token)
            assert 200 == there.get("/api/auth/me").status
        # One may see the schema that the other is making, and say how much is to come.
        said = (one.said + other.said).splitlines()
        assert [] == [line for line in said if not HOW_MUCH.fullmatch(line)]


def test_two_processes_share_one_database(tmp_path: Path, mariadb: MariaDb, mariadb_url: str):
    """A key that one creates works at the other within a second; a revoked one stops (later on a busy machine)."""
    sample = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
    with server(tmp_path, mariadb_url) as one, server(tmp_path, mariadb_url) as other, one.admin() as admin:
        host = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"}).data
        key = admin.post("/api/api-keys", {"name": "agent", "server_id": host["id"]}).data
        with other.client(key["key"]) as agent:
            wait_for(lambda: agent.post("/api/monitor/data", sample).status == 200, "a good key", deadline=3)
            assert "online" == admin.get(f"/api/servers/{host['id']}").data["status"]
            assert 200 == admin.delete(f"/api/api-keys/{key['id']}").status
            wait_for(lambda: agent.post("/api/monitor/data", sample).status == 401, "a refused key", deadline=3)
