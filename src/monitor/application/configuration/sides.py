"""One side of a comparison: whom the alerts of a past would have paged by one configuration."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from heapq import nlargest
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.application.fleet.directory import Directory
from monitor.application.hindsight.noise import NIGHT_BEGINS, NIGHT_ENDS
from monitor.application.notifications.called import escalations_of, notifies_of_outage, step_audience
from monitor.application.notifications.recipients import Audience, as_audience, audience, ways_to
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.reasons import Reason
from monitor.domain.configuration.paging import Asked, Notified, Page, Reached
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.replayed_alerts import Found
from monitor.domain.incidents.dependencies import patience
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.escalations import LAST_RESORT, Escalation, TargetKind
from monitor.domain.oncall.hand_overs import hand_overs
from monitor.domain.oncall.rotas import RotaId
from monitor.domain.policies.policies import Policy, WatchKey
from monitor.domain.times import MICROSECOND, moment

MOST_UNANSWERED = 100


class Unanswered(NamedTuple):
    """A page that reaches nobody. *why*: in one word."""

    at: datetime
    server: Server
    metric: str
    level: Level
    why: Reason


@dataclass(slots=True)
class Side:
    """The fleet with one configuration, and what it would have sent. *down*: when what something depends on was down.
    *nights*: in which each person got a message."""

    directory: Directory
    down: Mapping[ServerId, Sequence[tuple[int, int]]] = field(default_factory=dict)
    notified: Counter[Target] = field(default_factory=Counter)
    nights: dict[UserId, set[date]] = field(default_factory=dict)
    unanswered: list[Unanswered] = field(default_factory=list)
    unanswered_count: int = 0
    _known: dict[tuple[ServerId, Level], Reached] = field(default_factory=dict)
    _zones: dict[UserId, ZoneInfo] = field(init=False)

    def __post_init__(self) -> None:
        self._zones = _zones(self.directory)

    def policies(self, server_id: ServerId) -> Mapping[WatchKey, Policy]:
        server = self.directory.watched(server_id)
        return {} if server is None else self.directory.rules.policies_for(server)

    def pages(self, server_id: ServerId, policy: Policy | None, past: Found | None, now: datetime) -> list[Page]:
        """Return the alerts that somebody is notified of."""
        directory, server = self.directory, self.directory.watched(server_id)
        if server is None or policy is None or past is None:
            return []
        silences = directory.rules.silences.covering(server)
        notified = Notified(
            partial(self._whom, server),
            [silence for silence in silences if silence.metric in (None, policy.metric)],
            now,
            wait=directory.preferences.digest_pause,
            offline=past.offline,
            escalations=escalations_of(directory, server, policy.key),
            newcomers=self._newcomers,
            most_held=directory.preferences.reminder_pause // MICROSECOND,
            suppressed=self._suppressed(server),
        )
        found = notified.pages(past.alerts)
        self.notified.update(chain.from_iterable(page.notified for page in found))
        self._count_nights(found)
        self._add_unanswered(
            [
                Unanswered(moment(page.episode.fired_at), server, policy.metric, page.episode.level, page.why)
                for page in found
                if page.why is not None
            ]
        )
        return [page for page in found if page.notified]

    def _suppressed(self, server: Server) -> list[tuple[int, int]]:
        """Return when messages about *server* wait for what it depends on, and then for itself to recover."""
        more = patience(server.report_interval) // MICROSECOND
        parents = (each for each in map(self.directory.watched, sorted(server.depends_on)) if each is not None)
        telling = (each.id for each in parents if notifies_of_outage(self.directory, each))
        spans = chain.from_iterable(self.down.get(each, ()) for each in telling)
        return [(began, until + more) for began, until in spans]

    @property
    def night_counts(self) -> Mapping[Target, int]:
        return {Target(user_id=user_id): len(each) for user_id, each in self.nights.items()}

    def _whom(self, server: Server, asked: Asked) -> Reached:
        """Return whom a page is for. Without delays that is always the same, unless quiet hours begin."""
        if asked.newcomer is not None:
            ways = ways_to(self.directory, Target(user_id=asked.newcomer), asked.level, asked.at)
            return _reached(as_audience(ways)) if ways else Reached((), left_out=(Reason.UNREACHABLE,))
        if asked.escalation is not None:
            step = asked.escalation, asked.step
            return _reached(step_audience(self.directory, server, asked.level, *step, asked.at))
        known = self._known.get((server.id, asked.level))
        if known is not None:
            return known
        found = _reached(audience(self.directory, server, asked.level, asked.at))
        users = self.directory.users
        if not (found.delays or any(users[each].quiet for each in server.people if each in users)):
            self._known[server.id, asked.level] = found
        return found

    def _newcomers(
        self, escalation: Escalation, ran: Mapping[int, datetime], until: datetime
    ) -> Iterator[tuple[datetime, UserId]]:
        """Yield who comes on call before *until*, in rotas of steps that *ran*."""
        since: dict[RotaId, datetime] = {}
        for step, at in ran.items():
            named = () if step == LAST_RESORT else escalation.steps[step].to
            since = {RotaId(each.id): at for each in named if each.kind is TargetKind.ROTA} | since
        for rota_id, at in since.items():
            if rota_id in self.directory.roster.rotas:
                rota = self.directory.roster.rotas[rota_id]
                turns = hand_overs(rota, self.directory.away, at, until)
                yield from ((each.at, each.user_id) for each in turns if each.at < until)

    def _count_nights(self, pages: Sequence[Page]) -> None:
        for at, target in chain.from_iterable(page.sent for page in pages):
            if target.user_id is not None:
                local = at.astimezone(self._zones.get(target.user_id, UTC))
                if local.hour >= NIGHT_BEGINS or local.hour < NIGHT_ENDS:
                    night = (local - timedelta(hours=NIGHT_ENDS)).date()
                    self.nights.setdefault(target.user_id, set()).add(night)

    def _add_unanswered(self, found: Sequence[Unanswered]) -> None:
        self.unanswered_count += len(found)
        if found:
            self.unanswered = nlargest(MOST_UNANSWERED, [*self.unanswered, *found], key=lambda each: each.at)


def _zones(directory: Directory) -> dict[UserId, ZoneInfo]:
    """Return where people live: by their quiet hours, else by a rota that they are in. Others are in UTC."""
    rotas = directory.roster.rotas.values()
    found = {user_id: rota.zone for rota in rotas for user_id in rota.user_ids}
    return found | {user.id: ZoneInfo(user.quiet.zone) for user in directory.users.values() if user.quiet is not None}


def _reached(found: Audience) -> Reached:
    return Reached(found.targets, found.delays, [each.reason for each in found.left_out])
