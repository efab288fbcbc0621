"""Who is notified of an alert, and which alerts nobody would be notified of."""

from dataclasses import dataclass

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.ports import Mailer, Queries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.policies import OFFLINE, Policy
from monitor.domain.fleet.servers import Server
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import DeliveryState, Notification, Target


def wants(receiver: User | Channel, level: Level) -> bool:
    """Return whether a user or a channel wants alerts of *level*."""
    if isinstance(receiver, Channel):
        return receiver.enabled and level >= receiver.least_level
    return receiver.email is not None and level >= receiver.alert_level


def recipients(directory: Directory, server: Server, level: Level) -> list[Target]:
    """Return the people who see *server* by a link or a team and have an address, and the channels, that want *level*.

    A team mailbox with the address of one of these users is left out: the user's own mail has an acknowledging link.
    """
    seeing = [directory.users[user_id] for user_id in sorted(server.people) if user_id in directory.users]
    people = [user for user in seeing if wants(user, level)]
    mailboxes = {user.email.casefold() for user in people if user.email}
    channels = [each for each in directory.channels.values() if wants(each, level) and each.mailbox not in mailboxes]
    return [*(Target(user_id=user.id) for user in people), *(Target(channel_id=channel.id) for channel in channels)]


class _Notified:
    """Tell whether anybody is notified of a server's critical alerts. Asks once for servers with the same people."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: dict[frozenset[UserId], bool] = {}

    def __call__(self, server: Server) -> bool:
        known = self._known.get(server.people)
        if known is None:
            known = self._known[server.people] = bool(recipients(self._directory, server, Level.CRITICAL))
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Gaps in the alerting of a user's servers.

    *unwatched*: servers without a policy, offline aside. *unnotified*: policies with those of their servers for which
    nobody would be notified. *unnotified_checks*: checks and check-ins for which nobody would be. *failing*: channels
    whose last message failed; empty for users who are not administrators.
    """

    unwatched: list[Server]
    unnotified: list[tuple[Policy, list[Server]]]
    unnotified_checks: list[Server]
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
        unnotified: dict[int, tuple[Policy, list[Server]]] = {}
        is_notified = _Notified(directory)
        for server in directory.visible(actor):
            policies = directory.rules.policies_for(server)
            if not policies.keys() - {OFFLINE}:
                unwatched.append(server)
            if is_notified(server):
                continue
            for policy in policies.values():
                unnotified.setdefault(policy.id, (policy, []))[1].append(server)
        return Coverage(
            unwatched=unwatched,
            unnotified=list(unnotified.values()),
            unnotified_checks=[
                check
                for check in directory.visible_checks(actor)
                if not is_notified(check) and directory.rules.policies_for(check)
            ],
            failing=self._failing() if actor.is_admin else [],
            mail_is_set_up=self.mailer.is_configured,
        )

    def _failing(self) -> list[tuple[Channel, Notification]]:
        channels = self.fleet.directory.channels
        last = self.queries.notifications.last_by_channel()
        return [
            (channels[channel_id], tried)
            for channel_id, tried in sorted(last.items())
            if channel_id in channels and tried.delivery is not DeliveryState.SENT
        ]
