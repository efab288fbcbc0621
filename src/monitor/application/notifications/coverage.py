"""Gaps in the alerting: of whom, and when, nobody would be notified."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.called import all_steps, escalations_of
from monitor.application.notifications.ports import Queries
from monitor.application.notifications.recipients import KnownRecipients, is_for, ways_to
from monitor.application.notifications.sender_ports import Mailer
from monitor.application.oncall.reach import Reach, reach_of
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.availability import Span
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import DeliveryState, Notification
from monitor.domain.notifications.outbox import Target as Recipient
from monitor.domain.oncall.escalations import Escalation, Target, TargetKind
from monitor.domain.oncall.rotas import Away, Rota, RotaId, shifts
from monitor.domain.policies.policies import CLOCK, OFFLINE, Policy

AHEAD = timedelta(days=14)
PROVEN = timedelta(days=30)
"""For so long a confirmation proves that somebody can be reached."""


_NAMED = 10


class Lack(StrEnum):
    """NOBODY: is linked, and no channel covers it. NO_WAY: works, of those. ESCALATION: reaches nobody."""

    NOBODY = "nobody"
    NO_WAY = "no_way"
    ESCALATION = "escalation"


class Lacking(NamedTuple):
    """A server for which nobody would be notified of some policy's alerts. *people*: ten who are linked."""

    server: Server
    why: Lack
    people: Sequence[str]


class Gap(NamedTuple):
    """When nobody of a rota is on call, though an escalation needs it."""

    rota: Rota
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Gaps in the alerting of a user's servers.

    *unwatched*: servers without a policy, offline aside. *unnotified*: policies, each with its servers for which nobody
    would be notified. *lacking*: these servers. *unnotified_checks*: with check-ins. *failing*: channels whose last
    message failed, for administrators only. *gaps*: within `AHEAD`. *unproven*: people on call then who have confirmed
    nothing within `PROVEN`, for administrators, and for themselves; each with the rota.
    """

    unwatched: list[Server]
    unnotified: list[tuple[Policy, list[Server]]]
    lacking: list[Lacking]
    unnotified_checks: list[Server]
    failing: list[tuple[Channel, Notification]]
    gaps: list[Gap]
    unproven: list[Reach]
    mail_is_set_up: bool


@dataclass(frozen=True, slots=True)
class CheckCoverage:
    fleet: Fleet
    queries: Queries
    mailer: Mailer
    clock: Clock

    def __call__(self, actor: Actor) -> Coverage:
        visible, now = self.fleet.visible_to(actor), self.clock.now()
        directory = visible.directory
        unwatched: list[Server] = []
        unnotified: dict[int, tuple[Policy, list[Server]]] = {}
        lacking: dict[ServerId, Lacking] = {}
        is_notified = _Notified(directory, now)
        for server in visible.servers:
            policies = directory.rules.policies_for(server)
            if not policies.keys() - {OFFLINE, CLOCK}:
                unwatched.append(server)
            for policy in policies.values():
                if not is_notified(server, policy):
                    unnotified.setdefault(policy.id, (policy, []))[1].append(server)
                    lacking.setdefault(server.id, _lacking(directory, server, policy))
        return Coverage(
            unwatched=unwatched,
            unnotified=list(unnotified.values()),
            lacking=list(lacking.values()),
            unnotified_checks=[
                check
                for check in visible.checks
                if not all(is_notified(check, policy) for policy in directory.rules.policies_for(check).values())
            ],
            failing=self._failing() if actor.is_admin else [],
            gaps=_gaps(directory, now),
            unproven=[each for each in reach_of(directory, actor, now, AHEAD) if _is_unproven(each, now)],
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


def _lacking(directory: Directory, server: Server, policy: Policy) -> Lacking:
    people = [directory.users[id_].username for id_ in sorted(server.people & directory.users.keys())[:_NAMED]]
    if escalations_of(directory, server, policy.key):
        return Lacking(server, Lack.ESCALATION, people)
    is_covered = people or any(is_for(directory, channel, server) for channel in directory.channels.values())
    return Lacking(server, Lack.NO_WAY if is_covered else Lack.NOBODY, people)


class _Notified:
    """Tells whether somebody would be notified of a critical alert, by any person of a rota."""

    def __init__(self, directory: Directory, now: datetime) -> None:
        self._directory, self._now = directory, now
        self._linked = KnownRecipients(directory)
        self._known: dict[tuple[EscalationId, Collection[UserId]], bool] = {}

    def __call__(self, server: Server, policy: Policy) -> bool:
        found = escalations_of(self._directory, server, policy.key)
        if not found:
            return bool(self._linked(server, Level.CRITICAL))
        return any(self._reaches(each, server) for each in found)

    def _reaches(self, escalation: Escalation, server: Server) -> bool:
        key = escalation.id, server.people
        if key not in self._known:
            found = all_steps(self._directory, server, Level.CRITICAL, escalation, self._now)
            self._known[key] = bool(found.targets) or any(map(self._is_reachable, self._members(escalation)))
        return self._known[key]

    def _is_reachable(self, user_id: UserId) -> bool:
        return bool(ways_to(self._directory, Recipient(user_id=user_id), Level.CRITICAL, self._now))

    def _members(self, escalation: Escalation) -> Iterable[UserId]:
        """Yield all people of its rotas."""
        rotas = self._directory.roster.rotas
        for target in (each for step in escalation.steps for each in step.to):
            if target.kind is TargetKind.ROTA and RotaId(target.id) in rotas:
                yield from rotas[RotaId(target.id)].user_ids


def _gaps(directory: Directory, now: datetime) -> list[Gap]:
    """Return when a rota that an escalation needs has nobody on call.

    A rota for all hours has to cover them. Others are needed where an escalation names nothing but rotas, and none of
    these has anybody.
    """
    roster, away = directory.roster, directory.away
    used = {team.escalation_id for team in directory.reach.teams.values()}
    used |= {policy.escalation_id for policy in directory.rules.policies.all if policy.enabled}
    found: set[Gap] = set()
    for escalation in (each for each in roster.escalations.values() if each.id in used):
        named = {target for step in escalation.steps for target in step.to}
        rotas = [rota for rota in roster.rotas.values() if Target(TargetKind.ROTA, rota.id) in named]
        free = {rota.id: _free(rota, away, now, now + AHEAD) for rota in rotas}
        found |= {Gap(rota, span) for rota in rotas if rota.hours is None for span in free[rota.id]}
        if rotas and len(rotas) == len(named) and all(rota.hours is not None for rota in rotas):
            found |= {Gap(rotas[0], span) for span in reduce(_common, free.values())}
    return sorted(found, key=lambda gap: (gap.span, gap.rota.id))


def _free(rota: Rota, away: Away, start: datetime, end: datetime) -> list[Span]:
    """Return when nobody is on call."""
    taken = shifts(rota, away, start, end)
    begins, ends = [start, *(each.ends_at for each in taken)], [*(each.starts_at for each in taken), end]
    return [Span(*each) for each in zip(begins, ends, strict=True) if each[0] < each[1]]


def _common(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    each = ((max(a.starts_at, b.starts_at), min(a.ends_at, b.ends_at)) for a in spans for b in others)
    return [Span(*span) for span in each if span[0] < span[1]]


def _is_unproven(reach: Reach, now: datetime) -> bool:
    return reach.on_call_next is not None and (reach.confirmed_at is None or reach.confirmed_at < now - PROVEN)
