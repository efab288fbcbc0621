"""States of pending and firing alerts in this process's memory, as the database holds them, and rules by server.

What fires, changes its level or ends is also collected, for the live stream.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import compress
from typing import NamedTuple

from monitor.application.alerts.outlooks import Following, Key, Outlooks
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.alert import Alert, AlertId
from monitor.domain.alerts.check_policies import BUILT_IN
from monitor.domain.alerts.engine import Rule, rule_of
from monitor.domain.alerts.policies import OFFLINE, Policy, PolicyKind, WatchKey, split_key
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.samples import COLUMN_METRICS, Sample
from monitor.domain.levels import Level
from monitor.domain.times import microseconds

States = Mapping[Key, StoredState | None]


class AlertChanges:
    """Ids of changed alerts, each once, since they were last taken."""

    def __init__(self) -> None:
        self._ids: set[AlertId] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._ids)

    def note(self, before: States, after: States) -> None:
        """Add the alerts whose id or level differs. *after* holds what may differ, None if idle again."""
        for key, stored in after.items():
            was, now = _id_and_level(before.get(key)), _id_and_level(stored)
            if was != now:
                self.add(alert_id for alert_id, _ in (was, now) if alert_id is not None)

    def add(self, alert_ids: Iterable[AlertId]) -> None:
        with self._lock:
            self._ids.update(alert_ids)

    def take(self) -> set[AlertId]:
        with self._lock:
            taken, self._ids = self._ids, set()
        return taken


def _id_and_level(stored: StoredState | None) -> tuple[AlertId | None, int]:
    return (None, 0) if stored is None or stored.alert_id is None else (stored.alert_id, stored.state.level)


@dataclass(frozen=True, slots=True)
class TakeAlertNews:
    """Take the alerts that changed since the last call. For one caller, the hub of the live stream."""

    new_uow: Callable[[], UnitOfWork]
    changes: AlertChanges

    @property
    def is_any(self) -> bool:
        return bool(self.changes)

    def drop(self) -> None:
        """Forget the changes, since no client is connected."""
        self.changes.take()

    def __call__(self) -> list[Alert]:
        """Return them as they are now, in id order. Raises StorageUnavailable; the changes are then kept."""
        alert_ids = self.changes.take()
        try:
            with self.new_uow() as uow:
                found = uow.alerts.get_many(alert_ids, changed_by=None)
        except Exception:
            self.changes.add(alert_ids)
            raise
        return [found[alert_id] for alert_id in sorted(found)]


_COLUMNS = {name: Sample._fields.index(name) for name in COLUMN_METRICS}


class Watch(NamedTuple):
    """Rule on one metric of one server.

    *key*: what the policy watches. *column*: the metric's place in a sample, -1 if it is in `extra`. *floor*: the
    rule's floor, calculated once.
    """

    key: WatchKey
    column: int
    floor: float
    rule: Rule
    policy: Policy

    def value_in(self, sample: Sample) -> float | None:
        return sample.metric(self.policy.metric)


class WatchesOfServer(NamedTuple):
    """*values*: those that compare values alone. *outlooks*: those of forecasts and ranges."""

    values: tuple[Watch, ...] = ()
    outlooks: tuple[Watch, ...] = ()


_NONE = WatchesOfServer()


class Watches:
    """The rules of each server, made at the first use and kept while the server and the policies are the same."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made: dict[ServerId, tuple[Server, WatchesOfServer]] = {}
        self._of_policies: dict[Policy, Watch] = {}

    def follow(self, directory: Directory) -> None:
        same = directory.rules.policies is self._directory.rules.policies
        self._directory = directory
        if not same:
            self._of_policies = {}
        if not same or len(self._made) > len(directory.servers) + len(directory.checks):  # some are deleted
            self._made = {}

    def of(self, server_id: ServerId) -> WatchesOfServer:
        server = self._directory.watched(server_id)
        if server is None:
            return _NONE
        made = self._made.get(server_id)
        if made is None or made[0] is not server:
            made = self._made[server_id] = server, self._make(server)
        return made[1]

    def _make(self, server: Server) -> WatchesOfServer:
        policies = self._directory.rules.policies_for(server).items()
        watches = [self._watch(policy) for key, policy in policies if key != OFFLINE]
        are_values = [watch.policy.kind is PolicyKind.THRESHOLD for watch in watches]
        return WatchesOfServer(
            tuple(compress(watches, are_values)), tuple(compress(watches, [not is_value for is_value in are_values]))
        )

    def _watch(self, policy: Policy) -> Watch:
        """Return one watch for all servers that the policy covers."""
        watch = self._of_policies.get(policy)
        if watch is None:
            rule = rule_of(policy)
            column = _COLUMNS.get(policy.metric, -1)
            watch = self._of_policies[policy] = Watch(policy.key, column, rule.floor, rule, policy)
        return watch


Peaks = dict[AlertId, tuple[float, datetime]]
AT_ONCE = 10
"""Alerts written in one transaction of a background task (about 15 ms), so that a thousand hosts that go offline do not
delay the reports of the others."""
LOOKED_BACK = timedelta(days=1)
"""A run whose last sample is older than this, compared with the newest, counts as interrupted."""


@dataclass(slots=True)
class Evaluation:
    """What one transaction changes in the cached states; applied after its commit.

    *states*: the new ones, None if idle again. *peaks*: new worst values, with their times, of alerts that keep firing.
    *expected*: when alerts of forecasts that keep firing will reach their threshold. *following*: lines and
    ranges, if samples were evaluated.
    *is_all*: no work is left for another transaction.
    """

    states: dict[Key, StoredState | None] = field(default_factory=dict)
    peaks: Peaks = field(default_factory=dict)
    expected: dict[AlertId, datetime | None] = field(default_factory=dict)
    following: Following | None = None
    is_all: bool = True


class StateCache:
    """States that all threads of a process share. Methods that write are called under the lock `fleet.writing`."""

    def __init__(self, fleet: Fleet, stored: StoredHistory) -> None:
        self._fleet = fleet
        self._stored = stored
        self._directory: Directory | None = None
        self._watches = Watches(fleet.directory)
        self._states: dict[Key, StoredState] = {}
        self._outlooks = Outlooks(stored)
        self.touched: set[Key] = set()
        self.revision = 0
        """Rises when offline hosts may have lost their alert, or a policy may cover more of them."""
        self.changes = AlertChanges()

    def firing(self) -> list[Key]:
        return [key for key, stored in self._current() if stored.state.level]

    def firing_levels(self) -> list[tuple[ServerId, Level]]:
        """Return server and level of each firing alert."""
        return [(server_id, stored.state.level) for (server_id, _), stored in self._current() if stored.state.level]

    def pending(self) -> list[StoredState]:
        return [stored for _, stored in self._current() if stored.state.is_pending]

    def _current(self) -> list[tuple[Key, StoredState]]:
        """Return all but those whose policy was changed or deleted since they were read: they are closed."""
        held, followed, current = list(self._states.items()), self._directory, self._fleet.directory
        if followed is None or followed is current:
            return held
        same = {policy.id for policy in {*followed.rules.policies.all} & {*current.rules.policies.all}} | {BUILT_IN}
        return [(key, stored) for key, stored in held if stored.policy_id in same]

    def is_offline_alert_open(self, server_id: ServerId) -> bool:
        return (server_id, OFFLINE) in self._states

    @property
    def is_current(self) -> bool:
        return self._directory is self._fleet.directory

    def without_offline_alert(self, server_ids: Iterable[ServerId]) -> list[ServerId]:
        """Return the offline hosts among *server_ids* that a policy covers, but that have no alert."""
        directory, live, states = self._directory or EMPTY, self._fleet.live, self._states
        offline = [id_ for id_ in server_ids if id_ in live and live[id_].status is Status.OFFLINE]
        return [
            server_id
            for server_id in offline
            if (server_id, OFFLINE) not in states
            and live[server_id].last_report_at is not None
            and (server := directory.servers.get(server_id)) is not None
            and OFFLINE in directory.rules.policies_for(server)
        ]

    def is_outdated(self, stored: Iterable[StoredState]) -> bool:
        """Tell whether the cache must be read again: policies were changed, or it differs from *stored*.

        *stored*: all rows of the database. States in `touched` changed after those were read, and are not compared.
        """
        if not self._has_same_policies(self._fleet.directory):
            return True
        there = {(state.server_id, state.metric): state.version for state in stored}
        here = {key: state.version for key, state in self._states.items()}
        return any(there.get(key) != here.get(key) for key in (there.keys() | here.keys()) - self.touched)

    def follow(self, uow: UnitOfWork) -> None:
        """Read all states again, since another process changed some."""
        self.forget()
        self.catch_up(uow)

    def note_evaluated_elsewhere(self, server_ids: Collection[ServerId], overtaken: Collection[ServerId] = ()) -> None:
        """Note that another process evaluated the newest samples of these servers. Runs that it did not end go on.

        *overtaken*: servers of which it stored samples older than the newest here: what was learned lacks them.
        """
        for key, stored in self._states.items():
            if stored.server_id in server_ids:
                self._states[key] = self._as_of_now(stored)
        self._outlooks.doubt(server_ids)
        self._outlooks.forget(overtaken)

    def forget(self, server_ids: Iterable[ServerId] = ()) -> None:
        """Read all states again before the next evaluation, and the outlooks of these servers."""
        self._directory = None
        self._outlooks.forget(server_ids)

    def apply(self, evaluation: Evaluation) -> None:
        """Take over what a committed transaction changed."""
        if evaluation.following is not None:
            self._outlooks.apply(evaluation.following)
        self.changes.note(self._states, evaluation.states)
        self.touched |= evaluation.states.keys()
        for key, stored in evaluation.states.items():
            if stored is not None:
                self._states[key] = stored
                continue
            self._states.pop(key, None)
            server_id, metric = key
            if metric == OFFLINE and (live := self._fleet.live.get(server_id)) and live.status is Status.OFFLINE:
                self.revision += 1  # cancelled: another policy may cover the host
        for server_id in evaluation.following.looked if evaluation.following is not None else ():
            self._outlooks.rest(server_id, self._watches.of(server_id).outlooks, self._states)

    def catch_up(self, uow: UnitOfWork) -> None:
        """Follow the fleet's directory. Read all states if policies changed, since that ends alerts."""
        directory = self._fleet.directory
        if directory is self._directory:
            return
        self._watches.follow(directory)
        is_same = self._has_same_policies(directory)
        if not is_same or len(self._outlooks) > len(directory.servers) + len(directory.checks):  # some are deleted
            self._outlooks.follow(directory.rules.policies.all, {*directory.servers, *directory.checks})
        if not is_same:
            self._read(uow)
        self._directory = directory
        self.revision += 1  # last: who sees it finds the states of this directory

    def _read(self, uow: UnitOfWork) -> None:
        states = {(stored.server_id, stored.metric): self._as_of_now(stored) for stored in uow.alert_states.all()}
        self.changes.note(self._states, {**dict.fromkeys(self._states), **states})
        self._states = states
        self._outlooks.resting.clear()

    def _has_same_policies(self, directory: Directory) -> bool:
        return self._directory is not None and self._directory.rules.policies is directory.rules.policies

    def _as_of_now(self, stored: StoredState) -> StoredState:
        """Return *stored* with its present watermark: rows are written when runs begin or end, not for each sample."""
        live = self._fleet.live.get(stored.server_id)
        if live is None or live.sample is None or stored.metric == OFFLINE:  # no sample has that metric
            return stored
        newest = live.sample.recorded_at
        last: datetime | None = newest
        metric, _ = split_key(stored.metric)
        if live.sample.metric(metric) is None:  # not every sample has it
            last = self._stored.last_time(stored.server_id, metric, newest - LOOKED_BACK, newest)
        seen = max(stored.state.seen or 0, microseconds(last)) if last is not None else stored.state.seen
        return stored._replace(state=stored.state._replace(seen=seen))
