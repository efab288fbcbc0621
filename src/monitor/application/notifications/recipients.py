"""Recipients of an event and the ways to them, and people who are skipped, with reasons."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.fleet.teams import TeamId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import ENDINGS, Notification, Target
from monitor.domain.oncall import escalations as oncall
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind
from monitor.domain.oncall.rotas import RotaId, on_call
from monitor.domain.oncall.ways import MAIL, WEB_PUSH, Way, ways_for
from monitor.domain.policies.policies import WatchKey

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


def _works(way: Way, user: User) -> bool:
    """False without an address, with unreadable secrets, and for a subscription that has ended."""
    return user.email is not None if way.kind == MAIL else way.readable and not (way.kind == WEB_PUSH and way.failed)


def refusal_now(directory: Directory, receiver: User | Channel | None, notification: Notification) -> Reason | None:
    """Return why the receiver may no longer be notified. Ends ignore their level: the beginning passed it.

    Whom an escalation calls need not be linked.
    """
    server = directory.watched(notification.server_id)
    calls = server is not None and is_called(directory, server, notification.metric, notification.target)
    if receiver is None or not (server is None or calls or is_for(directory, receiver, server)):
        return Reason.NOT_LINKED
    found = _refusal(receiver, notification.level)
    if isinstance(receiver, User):
        way = way_of(directory, notification.target)
        if way is None or not _works(way, receiver):
            return Reason.NO_ADDRESS
        is_below = notification.level < way.level or (found is not None and not calls)
        found = Reason.BELOW_LEVEL if is_below else None
    return None if notification.event_kind in ENDINGS and found is Reason.BELOW_LEVEL else found


def is_for(directory: Directory, receiver: User | Channel, server: Server) -> bool:
    """True for people who see *server*, but for administrators, and channels with it in their scope."""
    if isinstance(receiver, User):
        return receiver.id in server.people
    return receiver.scope.covers(server, directory.reach)


def _refusal(receiver: User | Channel, level: Level) -> Reason | None:
    if isinstance(receiver, User):
        return Reason.BELOW_LEVEL if level < receiver.alert_level else None
    if not receiver.enabled:
        return Reason.NO_ADDRESS
    return Reason.BELOW_LEVEL if level < receiver.least_level else None


def may_acknowledge(notification: Notification, directory: Directory) -> bool:
    """True if the recipient gets a link that acknowledges: people with write access, and whom an escalation calls."""
    receiver, server = receiver_of(directory, notification.target), directory.watched(notification.server_id)
    if not isinstance(receiver, User) or notification.event_kind in ENDINGS:
        return False
    actor = Actor(user_id=receiver.id, username=receiver.username, role=receiver.role)
    if server is None or server.is_changeable_by(actor):
        return True
    return is_called(directory, server, notification.metric, notification.target)


class Delay(NamedTuple):
    """*until*: it is not sent before. *reason*: QUIET_HOURS; None: the way goes out later."""

    until: datetime
    reason: Reason | None


class Audience(NamedTuple):
    """Recipients of an event, and people and channels that are skipped, with reasons."""

    targets: list[Target]
    left_out: tuple[LeftOut, ...] = ()
    delays: Mapping[Target, Delay] = {}


Ways = dict[Target, Delay | None]


def as_audience(ways: Ways, left_out: Iterable[LeftOut] = ()) -> Audience:
    delays = {target: delay for target, delay in ways.items() if delay is not None}
    return Audience([*ways], tuple(left_out), delays)


def ways_to(directory: Directory, target: Target, level: Level, now: datetime) -> Ways:
    """Return the ways to a person that work and take *level*, or the channel itself. Empty: nobody is reached."""
    receiver = receiver_of(directory, target)
    if not isinstance(receiver, User):
        is_reached = receiver is not None and receiver.readable and _refusal(receiver, level) is None
        return {target: None} if is_reached else {}
    ways = ways_for(directory.roster.ways_of(receiver.id), level)
    return {_by(way): Delay(now + way.after, None) if way.after else None for way in ways if _works(way, receiver)}


def audience(directory: Directory, server: Server, level: Level, now: datetime) -> Audience:
    """Return the people who see *server*, and channels with it in their scope, that want *level*. A team mailbox with
    the address of one of these users is skipped: the user's own mail has an acknowledging link."""
    found: Ways = {}
    left_out: list[LeftOut] = []
    mailboxes: set[str | None] = set()
    for user_id in sorted(server.people & directory.users.keys()):
        user = directory.users[user_id]
        ways = {} if _refusal(user, level) else ways_to(directory, Target(user_id=user_id), level, now)
        if not ways:
            works = any(_works(way, user) for way in directory.roster.ways_of(user_id))
            left_out.append(LeftOut(Reason.BELOW_LEVEL if works else Reason.NO_ADDRESS, user_id=user_id))
        elif Target(user_id=user_id) in ways:
            mailboxes.add((user.email or "").casefold())
        found |= ways
    found |= quiet_delays(directory, found, level, now)
    for channel in directory.channels.values():
        if not channel.scope.covers(server, directory.reach):
            continue
        reason = _refusal(channel, level) or (Reason.NO_ADDRESS if channel.mailbox in mailboxes else None)
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


def escalations_of(directory: Directory, server: Server, key: WatchKey) -> Sequence[Escalation]:
    """Return who is notified of alerts of the policy that watches *key*; empty: the people linked to *server*."""
    if not directory.roster.escalations:
        return ()
    policy = directory.rules.policies_for(server).get(key)
    own = None if policy is None else policy.escalation_id
    return directory.roster.escalations_for(own, directory.reach.teams_of(server))


def escalations_about(directory: Directory, server: Server, metric: str) -> Iterable[Escalation]:
    """Yield the escalations of alerts of *metric*, of whatever kind of policy."""
    if directory.roster.escalations:
        policies = directory.rules.policies_for(server)
        keys = [key for key, policy in policies.items() if policy.metric == metric]
        for key in keys or [metric]:  # no policy watches a drill
            yield from escalations_of(directory, server, key)


def is_called(directory: Directory, server: Server, metric: str, target: Target) -> bool:
    """True if an escalation of alerts of *metric* may notify this person or channel, who need not see the server."""
    return any(
        _names(directory, server, each, target)
        for escalation in escalations_about(directory, server, metric)
        for each in (*(named for step in escalation.steps for named in step.to), *last_resort(directory))
    )


def _names(directory: Directory, server: Server, named: oncall.Target, target: Target) -> bool:
    """Tell whether what a step names is, or has, this person or channel, on call or not."""
    kind, id_ = named
    if kind is TargetKind.CHANNEL:
        return target.channel_id == id_
    if kind is TargetKind.ROTA:
        rota = directory.roster.rotas.get(RotaId(id_))
        return rota is not None and target.user_id in rota.people
    return target.user_id in _people(directory, server, kind, id_)


def step_audience(
    directory: Directory, server: Server, level: Level, escalation: Escalation, step: Step | None, now: datetime
) -> Audience:
    """Return whom a step reaches now; None: the last resort. Skipped is whom else the escalation names. Quiet hours and
    `alert_level` do not count, the levels of ways and channels do."""
    if step is None:
        return _called(directory, server, level, escalation, len(escalation.steps), last_resort(directory), now)
    return _called(directory, server, level, escalation, escalation.steps.index(step), step.to, now)


def no_step(directory: Directory, server: Server, level: Level, escalation: Escalation, now: datetime) -> Audience:
    """Return why nobody is notified while the first step is not due."""
    return _called(directory, server, level, escalation, -1, (), now)


def all_steps(directory: Directory, server: Server, level: Level, escalation: Escalation, now: datetime) -> Audience:
    """Return whom the steps reach together."""
    every = [target for step in escalation.steps for target in step.to]
    return _called(directory, server, level, escalation, len(escalation.steps), every, now)


def last_resort(directory: Directory) -> list[oncall.Target]:
    """Return whom the setting names and who still exists; if nobody, all administrators."""
    there: dict[str, Collection[int]] = {"user": directory.users, "channel": directory.channels}
    chosen = [(kind, id_) for kind, id_ in directory.preferences.last_resort if id_ in there[kind]]
    admins = [("user", user.id) for user in directory.users.values() if user.role is Role.ADMIN]
    return [oncall.Target(TargetKind(kind), id_) for kind, id_ in chosen or admins]


def _called(
    directory: Directory,
    server: Server,
    level: Level,
    escalation: Escalation,
    number: int,
    to: Iterable[oncall.Target],
    now: datetime,
) -> Audience:
    """Return whom *to* reaches, and why others are not notified whom the steps up to *number*, or later ones, name."""
    steps = escalation.steps
    earlier, later = (
        _meant(directory, server, [target for step in each for target in step.to], now)
        for each in (steps[: max(number, 0)], steps[number + 1 :])
    )
    called, found = _meant(directory, server, to, now), Ways()
    reasons: dict[Target, Reason | None] = _off_duty(directory, escalation, now)
    reasons |= dict.fromkeys(later, Reason.STEP_NOT_DUE)
    for each in (*earlier, *called):
        ways = ways_to(directory, each, level, now)
        reasons[each] = None if ways else Reason.UNREACHABLE
        found |= ways if each in called else {}
    skipped = ((each, reason) for each, reason in reasons.items() if reason is not None)
    return as_audience(found, [LeftOut(reason, each.user_id, each.channel_id) for each, reason in skipped])


def _meant(directory: Directory, server: Server, to: Iterable[oncall.Target], now: datetime) -> dict[Target, None]:
    """Return the people and channels that targets of steps mean now, each once."""
    found: dict[Target, None] = {}
    for kind, id_ in to:
        if kind is TargetKind.CHANNEL:
            found[Target(channel_id=ChannelId(id_))] = None
        else:
            found |= {Target(user_id=each): None for each in _people_now(directory, server, kind, id_, now)}
    return {each: None for each in found if receiver_of(directory, each) is not None}


def _people_now(directory: Directory, server: Server, kind: TargetKind, id_: int, now: datetime) -> Collection[UserId]:
    if kind is not TargetKind.ROTA:
        return _people(directory, server, kind, id_)
    rota = directory.roster.rotas.get(RotaId(id_))
    holder = None if rota is None else on_call(rota, directory.away, now)
    return () if holder is None else (holder,)


def _people(directory: Directory, server: Server, kind: TargetKind, id_: int) -> Collection[UserId]:
    if kind is TargetKind.USER:
        return (UserId(id_),)
    if kind is TargetKind.LINKED:
        return sorted(server.people)
    team = directory.reach.teams.get(TeamId(id_))
    return () if team is None else sorted(team.user_ids)


def _off_duty(directory: Directory, escalation: Escalation, now: datetime) -> dict[Target, Reason | None]:
    """Return the members of the rotas of *escalation* who are not on call, and why."""
    named = dict.fromkeys(id_ for step in escalation.steps for kind, id_ in step.to if kind is TargetKind.ROTA)
    found: dict[Target, Reason | None] = {}
    for rota in (directory.roster.rotas[RotaId(id_)] for id_ in named if id_ in directory.roster.rotas):
        present, without_absences = on_call(rota, directory.away, now), on_call(rota, {}, now)
        members = rota.people & directory.users.keys()
        for user_id in sorted(members - {present}):
            is_away = user_id == without_absences
            found.setdefault(Target(user_id=user_id), Reason.AWAY if is_away else Reason.NOT_ON_CALL)
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
