"""The commands of README and docs/, run as they stand there, with addresses and keys of here."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from monitor.adapters.agent.install.bundle import install_command
from monitor.adapters.agent.probes.checks import load_checks
from monitor.adapters.persistence.engine.migration_plans import newest_revision
from monitor.settings import load
from tests.documents import documented
from tests.integration.alerts.mail_server import mail_server
from tests.integration.cli.running import PASSWORD, Process, environment, process, ready, server, wait_for
from tests.integration.documents.commands import commands, here, run_commands, run_shell
from tests.integration.mariadb import MariaDb

LOCAL = "http://127.0.0.1:8000"
URL = "https://monitor.example.com"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A server with one host, whose alert is incident 1, and a job."""

    process: Process
    token: str = field(repr=False)
    key: str = field(repr=False)
    ping: str

    @property
    def settings(self) -> Mapping[str, str]:
        return {"MONITOR_URL": self.process.origin, "MONITOR_TOKEN": self.token, "API_KEY": self.key}

    def printed(self, page: str, beginning: str, replaced: Mapping[str, str]) -> list[str]:
        return run_commands(here(documented(page, "sh", beginning), replaced), self.process.home, self.settings)

    def shell(self, page: str, beginning: str, replaced: Mapping[str, str]) -> str:
        return run_shell(here(documented(page, "sh", beginning), replaced), self.process.home, self.settings)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with server(tmp_path_factory.mktemp("site")) as running, running.admin() as admin:
        assert 200 == admin.put("/api/settings", {"digest_wait": 1}).status
        web = admin.post("/api/servers", {"server_name": "web-1", "ip_address": "192.0.2.1"}).data["id"]
        policy = {"metric": "cpu", "warning": 70, "scope": {"server_id": web}, "sustained_for": 0}
        assert 200 == admin.post("/api/alert-policies", policy).status
        key = admin.post("/api/api-keys", {"name": "web-1", "server_id": web}).data["key"]
        with running.client(key) as agent:
            sample = {"metrics": {"cpu_value": 81.5, "memory_value": 2, "disk_value": 3}}
            assert 200 == agent.post("/api/monitor/data", sample).status
        job = admin.post("/api/check-ins", {"name": "backup", "period": 86400, "grace": 60}).data
        token = admin.post("/api/tokens", {"name": "script", "scope": "write"}).data["token"]
        admin.post("/api/users", {"username": "ann", "password": PASSWORD, "email": "ann@example.com"})
        wait_for(lambda: admin.get("/api/incidents?state=open").data, "the incident")
        yield Installation(process=running, token=token, key=key, ping=job["ping_path"].rpartition("/")[2])


def test_a_log_in_for_the_api(site: Installation) -> None:
    printed = site.shell("docs/start.md", "TOKEN=", {LOCAL: site.process.origin, "admin123": PASSWORD})
    assert 1 == json.loads(printed)["data"]["total_servers"]


def test_a_sample_by_hand(site: Installation) -> None:
    stored = site.shell("docs/api.md", "curl", {"http://SERVER:8000": site.process.origin})
    assert 200 == json.loads(stored)["code"]


def test_a_job_checks_in(site: Installation) -> None:
    replaced = {"0 2 * * * backup": "true", "https://HOST": site.process.origin, "UUID": site.ping}
    site.shell("docs/checks.md", "0 2 * * *", replaced)
    [job] = json.loads(run_commands("monitor api GET /api/check-ins", site.process.home, site.settings)[0])
    assert "up" == job["state"]


def test_commands_that_ask_a_running_server(site: Installation) -> None:
    replaced = {URL: site.process.origin, "mon_…": site.token}
    status, alerts, servers = site.printed("docs/command-line.md", "export MONITOR_URL", replaced)
    assert "1" in status
    assert "cpu" not in alerts, "its alert is a warning"
    assert "web-1" in servers


def test_an_incident(site: Installation) -> None:
    opened, timeline, _ = site.printed("docs/incidents.md", 'monitor api GET "/api/incidents', {})
    assert "web-1" in opened
    assert "fired" in timeline
    assert site.printed("docs/incidents.md", "monitor api GET /api/dependencies", {}) != []
    assert "web-1" in site.shell("docs/incidents.md", "curl", {})


def test_ways_back_in(site: Installation) -> None:
    text = here(documented("docs/accounts.md", "sh", "monitor user"), {"admin": "ann"})
    settings = {"MONITOR_DATA_DIR": str(site.process.data), "MONITOR_BASE_URL": URL}
    password, _, link = run_commands(text, site.process.home, settings)
    assert password.startswith("ann has a new password: ")
    assert link.startswith(f"{URL}/login#link=")


def test_the_history(site: Installation) -> None:
    settings = {"MONITOR_DATA_DIR": str(site.process.data)}
    shown, _ = run_commands(documented("docs/history.md", "sh", "monitor history"), site.process.home, settings)
    assert "samples" in shown


def test_whether_mail_arrives(tmp_path: Path) -> None:
    [(arguments, settings)] = commands(documented("docs/alerts.md", "sh", "SMTP_HOST"))
    assert {"SMTP_HOST", "SMTP_USER", "SMTP_PASS"} == settings.keys()
    with mail_server() as mails:
        run_commands(f"monitor {' '.join(arguments)}", tmp_path, mails.settings)
        assert 1 == len(mails.to("you@example.com"))


def test_an_upgrade_and_back(tmp_path: Path) -> None:
    with ready(tmp_path) as running:
        settings = {"MONITOR_DATA_DIR": str(running.data)}
        expanded, contracted = run_commands(
            documented("docs/upgrade.md", "sh", "monitor db upgrade"), tmp_path, settings
        )
        assert "the schema is up to date" in expanded + contracted
        back = here(documented("docs/upgrade.md", "sh", "monitor db history"), {"REVISION": newest_revision()})
        listed, taken_back = run_commands(back, tmp_path, settings)
        assert newest_revision() in listed
        assert "Nothing is lost" in taken_back


@pytest.mark.nightly
def test_a_database_of_its_own(mariadb: MariaDb, tmp_path: Path) -> None:
    sql = here(documented("docs/operations.md", "sql", "CREATE DATABASE"), {"monitor_db": "documented"})
    for statement in filter(str.strip, sql.split(";\n")):
        mariadb.execute(statement)
    text = documented("docs/operations.md", "sh", "export DB_HOST=db.example.com")
    (upgrade, settings), (serve, _) = commands(text)
    settings |= {"DB_HOST": "127.0.0.1", "DB_PORT": str(mariadb.port), "DATABASE": "documented"}
    run_commands(f"monitor {' '.join(upgrade)}", tmp_path, settings)
    with process(tmp_path, *serve, **settings) as running:
        running.start()
        running.admin().close()
    mariadb.drop_database("documented")


@pytest.mark.parametrize(
    ("page", "beginning"), [("docs/operations.md", "export DB_HOST=db1"), ("deploy/README.md", "DB_HOST=galera-1")]
)
def test_several_database_hosts(page: str, beginning: str, tmp_path: Path) -> None:
    hosts = documented(page, "sh", beginning).strip().partition("=")[2]
    found = load({"DB_HOST": hosts, "DB_USER": "monitor", "DB_PASS": "secret"}, data_dir=tmp_path)
    assert all(host.removesuffix(":3307").strip("[]") in found.database_url for host in hosts.split(","))


@pytest.mark.parametrize("page", ["README.md", "docs/agent.md"])
def test_the_line_that_installs_an_agent(page: str) -> None:
    """Other tests run the line of the page with a real curl."""
    line = install_command("https://server")
    digest = line.partition("echo '")[2].partition(" ")[0]
    text = here(documented(page, "sh", "curl -fsSL"), {"\\\n  ": "", "SERVER": "server", "SHA256": digest})
    assert line == text.strip()


def test_checks_of_an_agent(tmp_path: Path) -> None:
    file = tmp_path / "checks"
    file.write_text(documented("docs/agent.md", "", "shop "))
    assert {"http", "tcp", "tls", "ping", "dns"} == {check.kind for check in load_checks(str(file))}


@pytest.mark.nightly
def test_a_fleet_that_does_not_exist(tmp_path: Path) -> None:
    """With three hosts and an hour or two of history."""
    with process(tmp_path, "up", MONITOR_ADMIN_PASSWORD="") as running:
        small = {"--servers 50 --days 7": "--servers 3 --days 0.1", "--data-dir demo": f"--data-dir {running.data}"}
        text = here(documented("docs/start.md", "sh", "monitor simulate"), {**small, LOCAL: running.origin})
        fill, up, live = text.splitlines()
        assert "monitor up " in up
        run_shell(fill, tmp_path, {})
        running.start()
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        with subprocess.Popen(
            ("bash", "-c", f"exec {live}"),
            cwd=tmp_path,
            env=environment(tmp_path, PATH=path),
            stderr=subprocess.DEVNULL,
        ) as feed:
            try:
                with running.admin("admin123") as admin:
                    wait_for(lambda: admin.get("/api/monitor/stats").data["online_servers"] >= 3, "their reports")
            finally:
                feed.send_signal(signal.SIGTERM)
