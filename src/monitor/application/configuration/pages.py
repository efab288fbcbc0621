"""Whom a configuration would have paged: stored history, with the rules of now and with those of a file."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from monitor.application.configuration.current import Current
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import FleetChanges
from monitor.application.hindsight.backtest import RunBacktest
from monitor.application.hindsight.past_hours import Blocks, OpenHours
from monitor.application.notifications.recipients import KnownRecipients
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import SYSTEM
from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import Check
from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.paging import Notified, Page, added
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.hindsight.replayed_alerts import Found
from monitor.domain.notifications.outbox import Target
from monitor.domain.policies.policies import OFFLINE, OWN_FIELDS, Policy, WatchKey
from monitor.domain.times import MICROSECOND

_READ_AT_ONCE = 0.05
"""Progress when the open hours of all servers are read."""
_NEW = 2**31
"""New things have higher ids than those that are stored: of several policies for tags, the oldest applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Alerts of which somebody is notified, now and with a file. *added*, *removed*: those that only one of both has.

    *people*, *channels*: by name, of how many alerts they are notified, now and with the file.
    """

    before: int = 0
    after: int = 0
    added: int = 0
    removed: int = 0
    people: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    channels: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def with_configuration(current: Current, wanted: Configuration) -> Directory:
    """Return the directory as it would be with *wanted*."""
    directory, before = current.directory, current.configuration
    ended = {silence.id for silence in directory.rules.silences.all} - {silence.id for silence in before.silences}
    kept = [silence for silence in directory.rules.silences.all if silence.id in ended]
    return directory.with_changes(
        FleetChanges(
            revision=directory.revision,
            servers={**_tagged(directory, wanted), **_checks(directory, before, wanted)},
            api_keys={},
            users={},
            teams={**{team.id: None for team in before.teams}, **{team.id: team for team in _stored(wanted.teams)}},
            policies=_stored(wanted.policies),
            silences=sorted([*kept, *_stored(wanted.silences)], key=lambda silence: silence.id),
            channels=_stored(wanted.channels),
            preferences=None,
        )
    )


def _stored(things: Sequence[Any]) -> list[Any]:
    """Give new things ids, as if they were stored. Return all in id order."""
    return sorted(
        (each if each.id > 0 else replace(each, id=_NEW - each.id) for each in things), key=lambda each: each.id
    )


def _tagged(directory: Directory, wanted: Configuration) -> dict[ServerId, Server | None]:
    none = frozenset[str]()
    return {
        server.id: replace(server, tags=tags)
        for server in directory.servers.values()
        if (tags := wanted.tags.get(server.id, none)) != server.tags
    }


def _checks(directory: Directory, before: Configuration, wanted: Configuration) -> dict[ServerId, Server | None]:
    """Return the rows of checks and check-ins that differ; new ones have no history."""
    own: list[Check | CheckIn] = [*wanted.checks, *wanted.check_ins]
    found: dict[ServerId, Server | None] = dict.fromkeys([*_ids(before.checks), *_ids(before.check_ins)])
    for check in own:
        if (row := directory.checks.get(check.id)) is not None:
            found[check.id] = replace(row, name=check.name, host_id=check.host_id)
    for one in wanted.checks:
        if (held := found.get(one.id)) is not None:
            found[one.id] = replace(held, attempts=one.attempts, report_interval=one.interval)
    return found


def _ids(things: Sequence[Check] | Sequence[CheckIn]) -> list[ServerId]:
    return [each.id for each in things]


@dataclass(frozen=True, slots=True)
class _Side:
    """The fleet with one configuration."""

    directory: Directory
    recipients: KnownRecipients
    notified: Counter[Target] = field(default_factory=Counter)

    @staticmethod
    def of(directory: Directory) -> "_Side":
        return _Side(directory, KnownRecipients(directory))

    def policies(self, server_id: ServerId) -> Mapping[WatchKey, Policy]:
        server = self.directory.watched(server_id)
        return {} if server is None else self.directory.rules.policies_for(server)

    def pages(self, server_id: ServerId, policy: Policy | None, past: Found | None, now: datetime) -> list[Page]:
        server = self.directory.watched(server_id)
        if server is None or policy is None or past is None:
            return []
        held_back = [
            silence
            for silence in self.directory.rules.silences.covering(server)
            if silence.metric in (None, policy.metric)
        ]
        preferences = self.directory.preferences
        notified = Notified(
            lambda level: self.recipients(server, level),
            held_back,
            now,
            wait=preferences.digest_pause,
            offline=past.offline,
            most_held=preferences.reminder_pause // MICROSECOND,
        )
        found = notified.pages(past.alerts)
        self.notified.update(chain.from_iterable(page.notified for page in found))
        return found


@dataclass(frozen=True, slots=True)
class PredictPages:
    """Each server is read once, whatever number of policies is replayed on it."""

    run: RunBacktest
    clock: Clock

    def __call__(self, current: Current, wanted: Configuration, days: int, report: Callable[[float], None]) -> Pages:
        """Replay the last *days*. Of check-ins there is no history of samples: they page nobody here.

        *report* is called with the progress (0 to 1), and may raise an error to end it.
        """
        now = self.clock.now()
        start = now - timedelta(days=days)
        sides = _Side.of(current.directory), _Side.of(with_configuration(current, wanted))
        checks = (check for check in current.directory.checks.values() if check.kind is Kind.CHECK)
        watched = [*current.directory.servers.values(), *checks]
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
            people=_named(sides, _username),
            channels=_named(sides, _channel),
        )

    def _of_server(
        self, server: Server, sides: tuple[_Side, _Side], start: datetime, now: datetime, open_hours: OpenHours
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


def _named(
    sides: tuple[_Side, _Side], name_of: Callable[[Directory, Target], str | None]
) -> Mapping[str, tuple[int, int]]:
    """Return the counts of both sides by name, sorted. A channel that is renamed is one, by its new name."""
    found: dict[str, tuple[int, int]] = {}
    for target in sides[0].notified.keys() | sides[1].notified.keys():
        name = name_of(sides[1].directory, target) or name_of(sides[0].directory, target)
        if name is not None:
            before, after = found.get(name, (0, 0))
            found[name] = before + sides[0].notified[target], after + sides[1].notified[target]
    return dict(sorted(found.items()))
