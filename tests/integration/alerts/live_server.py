"""A serving process that tests of one file share: it takes seconds to start."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import Mail, MailServer, mail_server
from tests.integration.alerts.reporters import Host
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for

BASE_URL = "https://monitor.example.com"


@dataclass(frozen=True, slots=True)
class LiveServer:
    """Alerts fire and resolve at once in it, and are announced after a second."""

    process: Process
    mails: MailServer
    admin: Client
    key: str

    def host_of(self, *names: str, network: int) -> Host:
        """Create a host and its users."""
        people = [scene.person(self.admin, name) for name in names]
        (host,) = scene.hosts(self.admin, 1, people, network=network)
        return host

    def report(self, host: Host, cpu: float, **more: Any) -> None:
        scene.report(self.process.port, self.key, cpu, ip_address=host.ip_address, **more)

    def mail_to(self, name: str, count: int = 1) -> Mail:
        """The newest, once there are *count*."""
        address = f"{name}@example.com"
        wait_for(lambda: len(self.mails.to(address)) >= count, f"mail {count} to {name}")
        return self.mails.to(address)[-1]

    def alert_of(self, host: Host) -> Any:
        """The newest, in detail."""
        newest = self.admin.get(f"/api/alerts?server_id={host.id}").data[0]
        return self.admin.get(f"/api/alerts/{newest['id']}").data

    def until(self, found: Callable[[], Any], what: str) -> Any:
        """Return the result of *found* as soon as it is not empty."""
        wait_for(found, what)
        return found()


@contextmanager
def live_server(home: Path, database_url: str = "", **settings: str) -> Iterator[LiveServer]:
    with (
        mail_server() as mails,
        server(home, database_url, MONITOR_BASE_URL=BASE_URL, **mails.settings | settings) as running,
        running.admin() as admin,
    ):
        scene.settings(admin, digest_wait=1)
        scene.quick_policies(admin)
        yield LiveServer(running, mails, admin, scene.fleet_key(admin))
