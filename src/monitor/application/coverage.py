"""Would anybody be told? What stands between a host that is unwell and a person who learns of it."""

from dataclasses import dataclass

from monitor.application.announcing import recipients
from monitor.application.fleet import Fleet
from monitor.application.ports.notifier import Mailer
from monitor.application.ports.queries import Queries
from monitor.domain.actors import Actor
from monitor.domain.alert_engine import Level
from monitor.domain.channels import Channel
from monitor.domain.notifications import Delivery, Notification
from monitor.domain.policies import OFFLINE, Policy
from monitor.domain.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """*unwatched*: hosts that no policy covers. *untold*: policies and those of their hosts of which nobody would be
    told, though the policy is on. *failing*: channels whose last sending failed (admins see them)."""

    unwatched: list[Server]
    untold: list[tuple[Policy, list[Server]]]
    failing: list[tuple[Channel, Notification]]
    mail_is_set_up: bool


@dataclass(frozen=True, slots=True)
class CheckCoverage:
    fleet: Fleet
    queries: Queries
    mailer: Mailer

    def __call__(self, actor: Actor) -> Coverage:
        self.fleet.refresh()
        directory = self.fleet.directory
        unwatched: list[Server] = []
        untold: dict[int, tuple[Policy, list[Server]]] = {}
        for server in directory.visible(actor):
            policies = directory.policies_for(server)
            if not policies.keys() - {OFFLINE}:
                unwatched.append(server)
            if recipients(directory, server, Level.CRITICAL):
                continue
            for policy in policies.values():
                untold.setdefault(policy.id, (policy, []))[1].append(server)
        return Coverage(
            unwatched=unwatched,
            untold=list(untold.values()),
            failing=self._failing() if actor.is_admin else [],
            mail_is_set_up=self.mailer.is_configured,
        )

    def _failing(self) -> list[tuple[Channel, Notification]]:
        channels = self.fleet.directory.channels
        last = self.queries.notifications.last_by_channel()
        return [
            (channels[channel_id], tried)
            for channel_id, tried in sorted(last.items())
            if channel_id in channels and tried.delivery is not Delivery.SENT
        ]
