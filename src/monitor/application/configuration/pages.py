"""Whom other rules would have paged: stored history, with the rules of now and with those of a file or an edit."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.configuration.current import Current
from monitor.application.configuration.edited import with_configuration
from monitor.application.configuration.sides import Side, Unanswered
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.hindsight.backtest import RunBacktest
from monitor.application.hindsight.past_hours import Blocks, OpenHours
from monitor.application.incidents.suggesting import LOOKED_BACK, outages
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.paging import added
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.hindsight.replayed_alerts import Found
from monitor.domain.notifications.outbox import Target
from monitor.domain.policies.policies import OFFLINE, OWN_FIELDS, Policy
from monitor.domain.times import microseconds

_READ_AT_ONCE = 0.05
"""Progress when the open hours of all servers are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Alerts of which somebody is notified, now and with other rules. *added*, *removed*: those that only one of both
    has.

    *people*, *channels*: by name, of how many alerts they are notified, on both sides. *nights*: in how many nights
    (22 to 7) people get a message, by name. *unanswered*: pages that reach nobody with the other rules, the newest
    first; *unanswered_before*, *unanswered_after*: how many there are.
    """

    before: int = 0
    after: int = 0
    added: int = 0
    removed: int = 0
    people: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    channels: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    nights: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unanswered: Sequence[Unanswered] = ()
    unanswered_before: int = 0
    unanswered_after: int = 0


@dataclass(frozen=True, slots=True)
class PredictPages:
    """Each server is read once, whatever number of policies is replayed on it."""

    run: RunBacktest
    clock: Clock

    def __call__(self, current: Current, wanted: Configuration, days: int, report: Callable[[float], None]) -> Pages:
        """Compare with a file. See `between`."""
        return self.between(current.directory, with_configuration(current, wanted), days, report)

    def between(
        self, before: Directory, after: Directory, days: int, report: Callable[[float], None], actor: Actor = SYSTEM
    ) -> Pages:
        """Replay the last *days* of what *actor* sees. Check-ins have no history of samples: they page nobody here.

        *report* is called with the progress (0 to 1), and may raise an error to end it. Only administrators learn of
        other people's pages, and of channels.
        """
        now = self.clock.now()
        start = now - timedelta(days=days)
        down = self._down((before, after), start, now)
        sides = Side(before, down), Side(after, down)
        watched = [each for each in VisibleFleet(before, actor).all if each.kind is not Kind.CHECK_IN]
        counts, open_hours = Counter[str](), OpenHours(self.run.queries.history, OFFLINE)
        open_hours.read_all(lambda progress: report(progress * _READ_AT_ONCE))
        for index, server in enumerate(watched):
            report(_READ_AT_ONCE + (1 - _READ_AT_ONCE) * index / len(watched))
            with suppress(NotFound):  # deleted meanwhile
                counts.update(self._of_server(server, sides, start, now, open_hours))
        report(1.0)
        return Pages(
            before=counts["before"],
            after=counts["after"],
            added=counts["added"],
            removed=counts["removed"],
            people=_by_name(sides, actor, _username, [side.notified for side in sides]),
            channels=_by_name(sides, actor, _channel, [side.notified for side in sides]),
            nights=_by_name(sides, actor, _username, [side.night_counts for side in sides]),
            unanswered=sides[1].unanswered,
            unanswered_before=sides[0].unanswered_count,
            unanswered_after=sides[1].unanswered_count,
        )

    def _down(
        self, sides: Sequence[Directory], start: datetime, now: datetime
    ) -> Mapping[ServerId, Sequence[tuple[int, int]]]:
        """Return when that on which something depends was down, from its last report on: then what depends on it waits.
        What still is down is so up to after *now*."""
        children = (each for side in sides for each in (*side.servers.values(), *side.checks.values()))
        parents = {parent for child in children for parent in child.depends_on}
        if not parents:
            return {}
        known = [server for each in parents if (server := sides[0].watched(each)) is not None]
        found: dict[ServerId, list[tuple[int, int]]] = {}
        for each in outages(self.run.queries, VisibleFleet(sides[0], SYSTEM).ids(known), start - LOOKED_BACK, now):
            until = microseconds(each.ended_at or now) + (each.ended_at is None)
            found.setdefault(each.server_id, []).append((microseconds(each.started_at), until))
        return found

    def _of_server(
        self, server: Server, sides: tuple[Side, Side], start: datetime, now: datetime, open_hours: OpenHours
    ) -> Mapping[str, int]:
        old, new = (side.policies(server.id) for side in sides)
        counts = Counter[str]()
        metrics = sorted({policy.metric for policy in (*old.values(), *new.values())})
        blocks = Blocks(self.run.queries, SYSTEM, server.id, metrics, open_hours)
        for key in sorted(old.keys() | new.keys()):
            past = self._past(server, {old.get(key), new.get(key)}, start, now, blocks)
            before, after = (
                side.pages(server.id, policy, past.get(policy), now)
                for side, policy in zip(sides, (old.get(key), new.get(key)), strict=True)
            )
            counts["before"] += len(before)
            counts["after"] += len(after)
            counts["added"] += added(before, after)
            counts["removed"] += added(after, before)
        return counts

    def _past(
        self, server: Server, policies: Collection[Policy | None], start: datetime, now: datetime, blocks: Blocks
    ) -> Mapping[Policy | None, Found]:
        """Return the alerts of each policy; None has none."""
        found: dict[Policy | None, Found] = {}
        replayed = [policy for policy in policies if policy is not None]
        pairs = [replayed] if len({_compared(policy) for policy in replayed}) == 1 else [[each] for each in replayed]
        for pair in pairs:
            past = self.run.past(SYSTEM, pair, server, start, now, blocks)
            found |= zip(pair, past.backtest(pair, lists_all=True), strict=True)
        return found


def _compared(policy: Policy) -> object:
    """Return what of *policy* says which value is compared, and how; those that agree in it are replayed together."""
    return policy.kind, policy.direction, *(getattr(policy, name) for name in OWN_FIELDS)


def _username(directory: Directory, target: Target) -> str | None:
    user = directory.users.get(target.user_id) if target.user_id is not None else None
    return None if user is None else user.username


def _channel(directory: Directory, target: Target) -> str | None:
    channel = directory.channels.get(target.channel_id) if target.channel_id is not None else None
    return None if channel is None else channel.name


def _by_name(
    sides: tuple[Side, Side],
    actor: Actor,
    name_of: Callable[[Directory, Target], str | None],
    counts: Sequence[Mapping[Target, int]],
) -> Mapping[str, tuple[int, int]]:
    """Return the counts of both sides by name, sorted. A channel that is renamed is one, by its new name."""
    found: dict[str, tuple[int, int]] = {}
    before, after = counts
    for target in before.keys() | after.keys():
        name = name_of(sides[1].directory, target) or name_of(sides[0].directory, target)
        if name is not None and (actor.is_admin or target.user_id == actor.user_id):
            old, new = found.get(name, (0, 0))
            found[name] = old + before.get(target, 0), new + after.get(target, 0)
    return dict(sorted(found.items()))
