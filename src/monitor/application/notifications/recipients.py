"""Recipients of an event, and people who are skipped, with reasons."""

from collections.abc import Collection
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import ENDINGS, Notification, Target


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
