"""Three processes behind the nginx that is shipped are restarted one by one under load, also with the next release."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.evidence import Evidence, evidence
from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.alerts.reporters import PERIOD, Reporter, Reporters, reporting
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, process, run, wait_for
from tests.integration.deploy.balanced import shipped_nginx
from tests.integration.deploy.onlookers import Onlookers, looking_on
from tests.integration.next_release import VERSION, next_release

pytestmark = pytest.mark.nightly

PROCESSES = 3
AGENTS, HOSTS_EACH = 6, 6
TEAM = "team@example.com"
PATIENCE = 180.0
"""Seconds for reports enough that all alerts fire and resolve."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """*settings*: those of the processes. *agents*, *people*: what they met so far, through nginx."""

    home: Path
    settings: dict[str, str]
    processes: list[Process]
    agents: Reporters
    people: Onlookers
    mails: MailServer

    def wait_for_reports(self, ticks: int) -> None:
        """Let each agent report *ticks* times more, on average."""
        enough = self.agents.ticks + ticks * AGENTS
        wait_for(lambda: self.agents.ticks >= enough, "further reports", PATIENCE)

    def restart(self, number: int, **settings: str) -> None:
        running = self.processes[number]
        assert 0 == running.stop()
        running.settings |= settings
        running.start()
        self.wait_for_reports(10)

    def versions(self) -> set[str]:
        with self.processes[0].admin() as admin:
            return {row["version"] for row in admin.get("/api/cluster").data}

    def check(self, *, restarts: int) -> None:
        """Nothing acknowledged is missing or doubled, each event is mailed once, and people saw a reconnect at most."""
        assert [] == self.agents.unexpected
        assert {200} == set(self.people.answers), self.people.answers
        assert self.people.streams <= restarts + 1
        assert self.people.events > 0
        with evidence(self.settings["DATABASE_URL"]) as found:
            found.wait_until_all_is_sent()
            found.check_whole(recipients=3)
            found.check_notified(self.mails.mails)
            found.check_samples(self.agents.acknowledged, self.agents.sent)
            assert fired(found) > 0
        sent = [(mail.recipient, mail.id) for mail in self.mails.mails]
        assert len(set(sent)) == len(sent)
        for running in self.processes:
            assert "Traceback" not in running.said


def fired(found: Evidence) -> int:
    return found.number("SELECT count(*) FROM alerts")


def knows(running: Process, key: str) -> bool:
    """And so all that was made before the key."""
    with Client(running.port, key=key) as agent:
        return agent.post("/api/monitor/data", {}).status == 400


def reporters(first: Process, port: int) -> list[Reporter]:
    """Agents with a key each, so that nginx sends them to different processes."""
    with first.admin() as admin:
        scene.settings(admin, digest_wait=1)
        scene.quick_policies(admin)
        assert admin.post("/api/channels", {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}).data
        people = [scene.person(admin, name) for name in ("ann", "bob")]
        hosts = [scene.hosts(admin, HOSTS_EACH, people, network=number + 1) for number in range(AGENTS)]
        return [Reporter(port, scene.fleet_key(admin), each, ticks=50 * PERIOD) for each in hosts]


@pytest.fixture
def site(tmp_path: Path, mariadb_url: str) -> Iterator[Deployment]:
    with mail_server() as mails, under_load(tmp_path, mariadb_url, mails) as running:
        yield running


@contextmanager
def under_load(home: Path, url: str, mails: MailServer) -> Iterator[Deployment]:
    settings = {
        "DATABASE_URL": url,
        "MONITOR_TRUSTED_PROXIES": "127.0.0.1",
        "MONITOR_BASE_URL": "http://127.0.0.1",
        **mails.settings,
    }
    with ExitStack() as stack:
        # The first alone migrates, so that the last to be replaced leaves the contract to the command.
        options = [("--migrate",), *[()] * (PROCESSES - 1)]
        processes = [stack.enter_context(process(home, "serve", *each, **settings)) for each in options]
        processes[0].start()  # alone: it makes the secrets, too
        for running in processes[1:]:
            running.launch()
        for running in processes[1:]:
            running.wait_until_healthy()
        port = stack.enter_context(shipped_nginx(home, *(running.port for running in processes)))
        agents = reporters(processes[0], port)
        last_key = agents[-1].key
        for running in processes:
            wait_for(partial(knows, running, last_key), "the last key to be known")
        with processes[0].admin() as admin:
            assert admin.token
            people = stack.enter_context(looking_on(port, admin.token))
        yield Deployment(
            home=home,
            settings=settings,
            processes=processes,
            agents=stack.enter_context(reporting(agents)),
            people=people,
            mails=mails,
        )


def test_nobody_notices_restarts_one_by_one(site: Deployment):
    site.wait_for_reports(PERIOD // 2)
    for number in range(PROCESSES):
        site.restart(number)
    site.wait_for_reports(2 * PERIOD)
    site.agents.finish()
    site.people.finish()
    site.check(restarts=PROCESSES)


def test_nobody_notices_an_upgrade_in_two_halves(site: Deployment, tmp_path_factory: pytest.TempPathFactory):
    """Also if a process of the older version is started again between them."""
    installed = next_release(tmp_path_factory.mktemp("next"))
    new = site.settings | installed
    site.wait_for_reports(PERIOD // 2)
    assert 0 == run(site.home, "db", "upgrade", "--expand", "--no-backup", settings=new).returncode
    site.wait_for_reports(10)
    site.restart(2)
    site.restart(0, **installed)
    site.restart(1, **installed)
    refused = run(site.home, "db", "upgrade", "--contract", "--no-backup", settings=new)
    assert (1, True) == (refused.returncode, "would fail: 1.0.0 on " in refused.stderr)
    site.restart(2, **installed)
    wait_for(lambda: site.versions() == {VERSION}, "all to be of the next release")
    contracted = run(site.home, "db", "upgrade", "--contract", "--no-backup", settings=new)
    assert "the schema is up to date\n" == contracted.stdout
    assert "the schema is up to date\n" == run(site.home, "db", "check", settings=new).stdout
    site.wait_for_reports(2 * PERIOD)
    site.agents.finish()
    site.people.finish()
    site.check(restarts=PROCESSES + 1)
