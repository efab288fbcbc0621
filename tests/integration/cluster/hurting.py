"""Hurt the whole product under load, and say what came of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, wait_for
from tests.integration.cluster.agents import Agents, reporting
from tests.integration.cluster.findings import SETTLED_WITHIN, Findings, Observer
from tests.integration.cluster.harms import Harm
from tests.integration.cluster.old_history import MOVED_BEFORE, OldHistory
from tests.integration.cluster.watch import Watches, watching
from tests.integration.cluster.whole import Whole

WATCHED = 6
"""Hosts by whose reports is seen for how long nothing could be written: nginx spreads them over the processes."""
RECIPIENTS = 2
TEAM = "team@example.com"
SETTINGS = {"MONITOR_BASE_URL": "https://monitor.example.com"}
_AGAIN_WITHIN = 90.0


@dataclass
class Round:
    """*product*, *engine*: seconds without a write, through the product's worst way and on the best node."""

    product: float
    engine: float


@dataclass
class Hurt:
    """What several rounds of one harm did."""

    findings: Findings
    rounds: list[Round] = field(default_factory=list)

    @property
    def wait(self) -> float:
        """The longest time without a write after the cluster itself could be written again."""
        return max(each.product - each.engine for each in self.rounds)

    @property
    def engine(self) -> float:
        return max(each.engine for each in self.rounds)

    @property
    def product(self) -> float:
        return max(each.product for each in self.rounds)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A cluster under load."""

    cluster: Whole
    mails: MailServer
    agents: Agents
    watches: Watches
    old: OldHistory

    def hurt(self, harm: Harm, rounds: int, patience: float = SETTLED_WITHIN) -> Hurt:
        observer = Observer(self.cluster, self.agents, self.mails, RECIPIENTS)
        done = [self._round(harm, number) for number in range(rounds)]
        return Hurt(observer.findings(patience), done)

    def _round(self, harm: Harm, number: int) -> Round:
        began = time.monotonic()
        harm(self.cluster, number, self._wait_until_written)
        self._wait_until_written()
        return Round(*self.watches.longest(began, time.monotonic()))

    def _wait_until_written(self) -> None:
        since = time.monotonic()
        wait_for(lambda: self.watches.have_all_written(since), "writes on all ways", _AGAIN_WITHIN)


@contextmanager
def load_on(cluster: Whole, mails: MailServer, hosts: int, cycle: float) -> Iterator[Scene]:
    """Put a load on it: *hosts* that report each second, one alert of each in *cycle* seconds, and watch it."""
    with Client(cluster.port) as admin:
        admin.log_in("admin", PASSWORD)
        scene.settings(admin, digest_wait=1)
        scene.quick_policies(admin)
        assert admin.post("/api/channels", {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}).data
        ann = scene.person(admin, "ann")
        made = [
            host
            for network, first in enumerate(range(0, hosts, 250), start=3)
            for host in scene.hosts(admin, min(250, hosts - first), [ann], network=network)
        ]
        watched = scene.hosts(admin, WATCHED, [], network=2)
        keys, token = {host.id: _key(admin, host.id) for host in (*made, *watched)}, admin.token
    assert token is not None
    ours = {host.id: keys[host.id] for host in watched}
    with (
        reporting(cluster.port, {host.id: keys[host.id] for host in made}, cycle=cycle) as agents,
        watching(cluster, ours, token) as watches,
    ):
        wait_for(lambda: watches.have_all_written(0), "the first writes")
        old = OldHistory(cluster, ours)
        old.add(MOVED_BEFORE)
        yield Scene(cluster=cluster, mails=mails, agents=agents, watches=watches, old=old)


def _key(admin: Client, server_id: int) -> str:
    key: str = admin.post("/api/api-keys", {"name": f"key {server_id}", "server_id": server_id}).data["key"]
    return key
