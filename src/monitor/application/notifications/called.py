"""Whom escalations call, now or at a later step, and who may still be notified."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.recipients import (
    Audience,
    KnownRecipients,
    Ways,
    as_audience,
    is_for,
    is_working,
    receiver_of,
    refusal,
    way_of,
    ways_to,
)
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.fleet.teams import EscalationId, TeamId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import ENDINGS, Notification, Target
from monitor.domain.oncall import escalations as oncall
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind
from monitor.domain.oncall.rotas import RotaId, on_call
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import DRILL, OFFLINE, WatchKey


def escalations_of(directory: Directory, server: Server, key: WatchKey) -> Sequence[Escalation]:
    """Return who is notified of alerts of the policy that watches *key*; empty: the people linked to *server*. A drill,
    which no policy watches, goes up those of all policies of the server, besides those of its teams."""
    roster = directory.roster
    if not roster.escalations:
        return ()
    policies, teams = directory.rules.policies_for(server), directory.reach.teams_of(server)
    if key == DRILL:
        own_ones = [None, *(policy.escalation_id for policy in policies.values())]
        every = (each for own in own_ones for each in roster.escalations_for(own, teams))
        return [*{each.id: each for each in every}.values()]
    policy = policies.get(key)
    return roster.escalations_for(None if policy is None else policy.escalation_id, teams)


def escalations_about(directory: Directory, server: Server, metric: str) -> Iterable[Escalation]:
    """Yield the escalations of alerts of *metric*, of whatever kind of policy."""
    if directory.roster.escalations:
        policies = directory.rules.policies_for(server)
        keys = [key for key, policy in policies.items() if policy.metric == metric]
        for key in keys or [metric]:  # no policy watches a drill
            yield from escalations_of(directory, server, key)


def notifies_of_outage(directory: Directory, server: Server) -> bool:
    """True if anybody would be notified that this host or check is down."""
    policy = directory.rules.policies_for(server).get(OFFLINE if server.is_host else UP)
    if policy is None:
        return False
    level = Level.WARNING if policy.critical is None and not server.is_host else Level.CRITICAL
    return any(escalations_of(directory, server, policy.key)) or bool(KnownRecipients(directory)(server, level))


def is_called(directory: Directory, server: Server, notification: Notification) -> bool:
    """True if an escalation may notify the person or channel, who need not see the server: one of such alerts now, or
    the one that the alert began with."""
    before = directory.roster.escalations.get(notification.called_by) if notification.called_by is not None else None
    return any(
        _may_call(directory, server, escalation, notification.target)
        for escalation in (*escalations_about(directory, server, notification.metric), before)
    )


def caller_of(
    directory: Directory, server: Server, target: Target, called_by: Collection[EscalationId]
) -> EscalationId:
    """Return the escalation that goes on to notify *target*: of those that called it, the newest that still may."""
    there = directory.roster.escalations
    calling = [id_ for id_ in called_by if _may_call(directory, server, there.get(id_), target)]
    return max(calling or called_by)


def _may_call(directory: Directory, server: Server, escalation: Escalation | None, target: Target) -> bool:
    return escalation is not None and any(
        _names(directory, server, each, target)
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
    left_out = [LeftOut(reason, each.user_id, each.channel_id) for each, reason in skipped]
    return as_audience(found, left_out, escalation.id)


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


def refusal_now(directory: Directory, receiver: User | Channel | None, notification: Notification) -> Reason | None:
    """Return why the receiver may no longer be notified. Ends ignore their level: the beginning passed it.

    Whom an escalation calls need not be linked.
    """
    server = directory.watched(notification.server_id)
    calls = server is not None and is_called(directory, server, notification)
    if receiver is None or not (server is None or calls or is_for(directory, receiver, server)):
        return Reason.NOT_LINKED
    found = refusal(receiver, notification.level)
    if isinstance(receiver, User):
        way = way_of(directory, notification.target)
        if way is None or not is_working(way, receiver):
            return Reason.NO_ADDRESS
        is_below = notification.level < way.level or (found is not None and not calls)
        found = Reason.BELOW_LEVEL if is_below else None
    return None if notification.event_kind in ENDINGS and found is Reason.BELOW_LEVEL else found


def may_acknowledge(notification: Notification, directory: Directory) -> bool:
    """True if the recipient gets a link that acknowledges: people with write access, and whom an escalation calls."""
    receiver, server = receiver_of(directory, notification.target), directory.watched(notification.server_id)
    if not isinstance(receiver, User) or notification.event_kind in ENDINGS:
        return False
    actor = Actor(user_id=receiver.id, username=receiver.username, role=receiver.role)
    if server is None or server.is_changeable_by(actor):
        return True
    return is_called(directory, server, notification)
