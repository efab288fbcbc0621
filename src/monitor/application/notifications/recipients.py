"""Recipients of an event and the ways to them, and people who are skipped, with reasons."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.ways import MAIL, WEB_PUSH, Way, ways_for

_NONE = timedelta(0)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def receiver_of(directory: Directory, target: Target) -> User | Channel | None:
    if target.user_id is not None:
        return directory.users.get(target.user_id)
    return directory.channels.get(target.channel_id) if target.channel_id is not None else None


def way_of(directory: Directory, target: Target) -> Way | None:
    """Return a person's way; None for a channel, and if it was taken back."""
    ways = () if target.user_id is None else directory.roster.ways_of(target.user_id)
    return next((way for way in ways if _by(way) == target), None)


def _by(way: Way) -> Target:
    return Target(user_id=way.user_id) if way.kind == MAIL else Target(user_id=way.user_id, way_id=way.id)


def is_working(way: Way, user: User) -> bool:
    """False without an address, with unreadable secrets, and for a subscription that has ended."""
    return user.email is not None if way.kind == MAIL else way.readable and not (way.kind == WEB_PUSH and way.failed)


def way_of_notices(directory: Directory, user: User) -> Way | None:
    """Return by which way *user* gets what is about turns on call: the first confirmed one that works, else the first
    one, and the mailbox if none of the chosen ones does. None: none."""
    working = [way for way in directory.roster.ways_of(user.id) if is_working(way, user)]
    if not working:
        return Way(user_id=user.id, kind=MAIL) if user.email is not None else None
    return min(working, key=lambda way: (way.failed != "", way.confirmed_at is None))


def is_for(directory: Directory, receiver: User | Channel, server: Server) -> bool:
    """True for people who see *server*, but for administrators, and channels with it in their scope."""
    if isinstance(receiver, User):
        return receiver.id in server.people
    return receiver.scope.covers(server, directory.reach)


def refusal(receiver: User | Channel, level: Level) -> Reason | None:
    if isinstance(receiver, User):
        return Reason.BELOW_LEVEL if level < receiver.alert_level else None
    if not receiver.enabled:
        return Reason.NO_ADDRESS
    return Reason.BELOW_LEVEL if level < receiver.least_level else None


class Delay(NamedTuple):
    """*until*: it is not sent before. *reason*: QUIET_HOURS; None: the way goes out later."""

    until: datetime
    reason: Reason | None


class Audience(NamedTuple):
    """Recipients of an event, and people and channels that are skipped, with reasons. *called_by*: which escalation
    calls a recipient."""

    targets: list[Target]
    left_out: tuple[LeftOut, ...] = ()
    delays: Mapping[Target, Delay] = {}
    called_by: Mapping[Target, EscalationId] = {}


Ways = dict[Target, Delay | None]


def as_audience(ways: Ways, left_out: Iterable[LeftOut] = (), called_by: EscalationId | None = None) -> Audience:
    delays = {target: delay for target, delay in ways.items() if delay is not None}
    return Audience([*ways], tuple(left_out), delays, {} if called_by is None else dict.fromkeys(ways, called_by))


def ways_to(directory: Directory, target: Target, level: Level, now: datetime) -> Ways:
    """Return the ways to a person that work and take *level*, or the channel itself. Empty: nobody is reached."""
    receiver = receiver_of(directory, target)
    if not isinstance(receiver, User):
        is_reached = receiver is not None and receiver.readable and refusal(receiver, level) is None
        return {target: None} if is_reached else {}
    ways = ways_for(directory.roster.ways_of(receiver.id), level)
    return {_by(way): Delay(now + way.after, None) if way.after else None for way in ways if is_working(way, receiver)}


def audience(directory: Directory, server: Server, level: Level, now: datetime) -> Audience:
    """Return the people who see *server*, and channels with it in their scope, that want *level*. A team mailbox with
    the address of one of these users is skipped: the user's own mail has an acknowledging link."""
    found: Ways = {}
    left_out: list[LeftOut] = []
    mailboxes: set[str | None] = set()
    for user_id in sorted(server.people & directory.users.keys()):
        user = directory.users[user_id]
        ways = {} if refusal(user, level) else ways_to(directory, Target(user_id=user_id), level, now)
        if not ways:
            works = any(is_working(way, user) for way in directory.roster.ways_of(user_id))
            left_out.append(LeftOut(Reason.BELOW_LEVEL if works else Reason.NO_ADDRESS, user_id=user_id))
        elif Target(user_id=user_id) in ways:
            mailboxes.add((user.email or "").casefold())
        found |= ways
    found |= quiet_delays(directory, found, level, now)
    for channel in directory.channels.values():
        if not channel.scope.covers(server, directory.reach):
            continue
        reason = refusal(channel, level) or (Reason.NO_ADDRESS if channel.mailbox in mailboxes else None)
        if reason is not None:
            left_out.append(LeftOut(reason, channel_id=channel.id))
        else:
            found[Target(channel_id=channel.id)] = None
    return as_audience(found, left_out)


def quiet_delays(directory: Directory, ways: Iterable[Target], level: Level, now: datetime) -> dict[Target, Delay]:
    """Return which of *ways* wait for the end of a person's quiet hours."""
    found = {}
    for target in ways:
        user = receiver_of(directory, target)
        until = user.quiet.wait_until(level, now) if isinstance(user, User) and user.quiet is not None else None
        if until is not None:
            way = way_of(directory, target)
            found[target] = Delay(until + (_NONE if way is None else way.after), Reason.QUIET_HOURS)
    return found


class KnownRecipients:
    """Recipients of alerts of a level, without escalations. Servers with the same ones are looked up once."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: dict[tuple[frozenset[UserId], tuple[ChannelId, ...], Level], Collection[Target]] = {}

    def __call__(self, server: Server, level: Level) -> Collection[Target]:
        directory = self._directory
        covering = (each.id for each in directory.channels.values() if each.scope.covers(server, directory.reach))
        key = server.people, tuple(covering), level
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = audience(directory, server, level, _ANY_TIME).targets
        return known
