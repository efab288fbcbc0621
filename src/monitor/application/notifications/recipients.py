"""Recipients of an event, people who are skipped with reasons, and alerts without a recipient."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.ports import Mailer, Queries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Notification, Target
from monitor.domain.policies.policies import CLOCK, OFFLINE, Policy


def refusal(receiver: User | Channel, level: Level) -> Reason | None:
    """Return why alerts of *level* are not for a user or a channel; None: they are."""
    if isinstance(receiver, Channel):
        if not receiver.enabled:
            return Reason.NO_ADDRESS
        return Reason.BELOW_LEVEL if level < receiver.least_level else None
    if receiver.email is None:
        return Reason.NO_ADDRESS
    return Reason.BELOW_LEVEL if level < receiver.alert_level else None


def receiver_of(directory: Directory, target: Target) -> User | Channel | None:
    if target.user_id is not None:
        return directory.users.get(target.user_id)
    return directory.channels.get(target.channel_id) if target.channel_id is not None else None


def refusal_now(directory: Directory, receiver: User | Channel | None, notification: Notification) -> Reason | None:
    """Return why the receiver may no longer be notified. Ends ignore their level: the beginning passed it."""
    server = directory.watched(notification.server_id)
    if receiver is None or (isinstance(receiver, User) and server is not None and receiver.id not in server.people):
        return Reason.NOT_LINKED
    found = refusal(receiver, notification.level)
    return None if notification.event_kind in ENDINGS and found is Reason.BELOW_LEVEL else found


def may_acknowledge(notification: Notification, directory: Directory) -> bool:
    """True if the recipient gets a link that acknowledges. People without write access get none."""
    receiver, server = receiver_of(directory, notification.target), directory.watched(notification.server_id)
    if not isinstance(receiver, User) or notification.event_kind in ENDINGS:
        return False
    actor = Actor(user_id=receiver.id, username=receiver.username, role=receiver.role)
    return server is None or server.is_changeable_by(actor)


class Audience(NamedTuple):
    """Recipients of an event, and people and channels that are skipped, with reasons."""

    targets: list[Target]
    left_out: tuple[LeftOut, ...]


def audience(directory: Directory, server: Server, level: Level) -> Audience:
    """Return the people who see *server* and have an address, and the channels, that want *level*. A team mailbox with
    the address of one of these users is skipped: the user's own mail has an acknowledging link."""
    targets: list[Target] = []
    left_out: list[LeftOut] = []
    mailboxes: set[str | None] = set()
    for user_id in sorted(server.people):
        user = directory.users.get(user_id)
        if user is None:
            continue
        reason = refusal(user, level)
        if reason is not None:
            left_out.append(LeftOut(reason, user_id=user.id))
            continue
        targets.append(Target(user_id=user.id))
        mailboxes.add((user.email or "").casefold())
    for channel in directory.channels.values():
        reason = refusal(channel, level) or (Reason.NO_ADDRESS if channel.mailbox in mailboxes else None)
        if reason is not None:
            left_out.append(LeftOut(reason, channel_id=channel.id))
        else:
            targets.append(Target(channel_id=channel.id))
    return Audience(targets, tuple(left_out))


class KnownRecipients:
    """Recipients of alerts of a level. Servers with the same people are looked up once."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: dict[tuple[frozenset[UserId], Level], Collection[Target]] = {}

    def __call__(self, server: Server, level: Level) -> Collection[Target]:
        key = server.people, level
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = audience(self._directory, server, level).targets
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Gaps in the alerting of a user's servers.

    *unwatched*: servers without a policy, offline aside. *unnotified*: policies, each with its servers for which nobody
    would be notified. *unnotified_checks*: with check-ins. *failing*: channels whose last message failed, for
    administrators only.
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
        visible = self.fleet.visible_to(actor)
        directory = visible.directory
        unwatched: list[Server] = []
        unnotified: dict[int, tuple[Policy, list[Server]]] = {}
        recipients_of = KnownRecipients(directory)
        for server in visible.servers:
            policies = directory.rules.policies_for(server)
            if not policies.keys() - {OFFLINE, CLOCK}:
                unwatched.append(server)
            if recipients_of(server, Level.CRITICAL):
                continue
            for policy in policies.values():
                unnotified.setdefault(policy.id, (policy, []))[1].append(server)
        return Coverage(
            unwatched=unwatched,
            unnotified=list(unnotified.values()),
            unnotified_checks=[
                check
                for check in visible.checks
                if not recipients_of(check, Level.CRITICAL) and directory.rules.policies_for(check)
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
