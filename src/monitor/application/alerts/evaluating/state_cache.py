"""States of pending and firing alerts in this process's memory, as the database holds them."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.alerts.evaluating.sample_rules import RulesByServer
from monitor.application.alerts.evaluating.series_models import Key, ModelChanges, SeriesModels
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.alert import Alert, AlertId
from monitor.domain.alerts.due import Cause
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import BUILT_IN
from monitor.domain.policies.kinds.known import split_key
from monitor.domain.policies.policies import OFFLINE, WITHOUT_SAMPLES
from monitor.domain.times import microseconds

AT_ONCE = 10
"""Alerts written in one transaction of a background task (about 15 ms), so that a thousand of them do not delay
reports."""
LOOKED_BACK = timedelta(days=1)
"""A run whose last sample is older than this, compared with the newest, counts as interrupted."""
States = dict[Key, StoredState | None]


@dataclass(slots=True)
class Evaluation:
    """What one transaction changes in the cached states; applied after its commit.

    *states*: the new ones, None if idle again. *models*: of forecasts and ranges, if samples were evaluated.
    *evaluated*: what was due and is evaluated now. *is_all*: no work is left for another transaction.
    """

    states: States = field(default_factory=dict)
    models: ModelChanges | None = None
    evaluated: set[Key] = field(default_factory=set)
    is_all: bool = True


class AlertChanges:
    """Ids of alerts that fired, changed their level or ended, since they were last taken. For the live stream."""

    def __init__(self) -> None:
        self._ids: set[AlertId] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._ids)

    def note(self, before: Mapping[Key, StoredState], after: States) -> None:
        """Add the alerts whose id or level differs. *after* holds what may differ, None if idle again."""
        for key, stored in after.items():
            held = before.get(key)
            if (held is None or held.alert_id is None) and (stored is None or stored.alert_id is None):
                continue  # most: pending ones
            was, now = _id_and_level(held), _id_and_level(stored)
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


class StateCache:
    """States that all threads of a process share. Methods that write are called under the lock `fleet.writing`."""

    def __init__(self, fleet: Fleet, stored: StoredHistory, changes: AlertChanges) -> None:
        self._fleet = fleet
        self._stored = stored
        self._directory: Directory | None = None
        self.rules = RulesByServer(fleet.directory)
        self.held: dict[Key, StoredState] = {}
        self.busy = Counter[ServerId]()
        """How many states of sample rules each server has; only servers with any."""
        self.edited: set[Key] = set()
        """What live evaluation leaves alone, until its samples are evaluated anew by a policy that was changed."""
        self.overtaken: dict[ServerId, datetime] = {}
        """Servers of which another process took over what this one was to evaluate, and since when."""
        self.models = SeriesModels(stored)
        self.revision = 0
        """Rises when offline hosts may have lost their alert, or a policy may cover more of them."""
        self.changes = changes

    def firing(self) -> list[Key]:
        return [key for key, stored in self._current() if stored.state.level]

    def fires(self, key: Key) -> bool:
        stored = self.held.get(key)
        return stored is not None and bool(stored.state.level)

    def firing_levels(self) -> list[tuple[ServerId, Level]]:
        """Return server and level of each firing alert."""
        return [(server_id, stored.state.level) for (server_id, _), stored in self._current() if stored.state.level]

    def levels_of(self, metric: str) -> dict[ServerId, Level]:
        """Return the levels of the firing alerts of *metric*."""
        return {id_: each.state.level for (id_, key), each in self._current() if key == metric and each.state.level}

    def pending(self) -> list[StoredState]:
        return [stored for _, stored in self._current() if stored.state.is_pending]

    def _current(self) -> list[tuple[Key, StoredState]]:
        """Return all but those whose policy was deleted or switched off since they were read: they are closed."""
        held, followed, current = list(self.held.items()), self._directory, self._fleet.directory
        if followed is None or followed is current:
            return held
        there = {policy.id for policy in current.rules.policies.all if policy.enabled} | {BUILT_IN}
        return [(key, stored) for key, stored in held if stored.policy_id in there]

    def with_offline_alert(self, server_ids: Iterable[ServerId]) -> set[ServerId]:
        """Return those of these servers that have an alert for being offline."""
        return {server_id for server_id in server_ids if (server_id, OFFLINE) in self.held}

    @property
    def is_current(self) -> bool:
        return self._directory is self._fleet.directory

    def without_offline_alert(self, server_ids: Iterable[ServerId]) -> list[ServerId]:
        """Return the offline hosts among *server_ids* that a policy covers, but that have no alert."""
        directory, live = self._directory or EMPTY, self._fleet.live
        offline = [id_ for id_ in server_ids if id_ in live and live[id_].status is Status.OFFLINE]
        return [
            server_id
            for server_id in offline
            if (server_id, OFFLINE) not in self.held
            and live[server_id].last_report_at is not None
            and (server := directory.servers.get(server_id)) is not None
            and OFFLINE in directory.rules.policies_for(server)
        ]

    def is_outdated(self, stored: tuple[int, int]) -> bool:
        """Tell whether the cache must be read again: policies were changed, or it differs from what is *stored*.

        *stored*: the fingerprint of the database. Without the lock, what was just committed may differ.
        """
        states = list(self.held.values())
        here = len(states), sum(state.version for state in states)
        return stored != here or not self._has_same_policies(self._fleet.directory)

    def follow(self, uow: UnitOfWork) -> None:
        """Read all states again, since another process changed some."""
        self.forget()
        self.catch_up(uow)

    def note_evaluated_elsewhere(self, server_ids: Collection[ServerId], overtaken: Collection[ServerId] = ()) -> None:
        """Note that another process evaluated the newest samples of these servers. Runs that it did not end go on.

        *overtaken*: servers of which it stored samples older than the newest here: what was learned lacks them.
        """
        for key, stored in self.held.items():
            if stored.server_id in server_ids:
                self.held[key] = self._as_of_now(stored)
        self.models.doubt(server_ids)
        self.models.forget(overtaken)

    def forget(self, server_ids: Iterable[ServerId] = ()) -> None:
        """Read all states again before the next evaluation, and the models of these servers."""
        self._directory = None
        self.models.forget(server_ids)

    def apply(self, evaluation: Evaluation) -> None:
        """Take over what a committed transaction changed."""
        if evaluation.models is not None:
            self.overtaken.clear()
            self.models.apply(evaluation.models)
        self.edited -= evaluation.evaluated
        for key in evaluation.evaluated:
            self.models.owed.pop(key, None)
        self.changes.note(self.held, evaluation.states)
        for key, stored in evaluation.states.items():
            server_id, metric = key
            is_compared = metric not in WITHOUT_SAMPLES
            if stored is not None:
                if is_compared and key not in self.held:
                    self.busy[server_id] += 1
                self.held[key] = stored
                continue
            if self.held.pop(key, None) is not None and is_compared:
                self.busy[server_id] -= 1
                if not self.busy[server_id]:
                    del self.busy[server_id]
            if metric == OFFLINE and (live := self._fleet.live.get(server_id)) and live.status is Status.OFFLINE:
                self.revision += 1  # cancelled: another policy may cover the host
        for server_id in evaluation.models.awake if evaluation.models is not None else ():
            self.models.rest(server_id, self.rules[server_id], self.held)

    def catch_up(self, uow: UnitOfWork) -> None:
        """Follow the fleet's directory. Read all states if policies changed, since that ends alerts."""
        directory = self._fleet.directory
        if directory is self._directory:
            return
        self.rules.follow(directory)
        is_same = self._has_same_policies(directory)
        if not is_same or len(self.models) > len(directory.servers) + len(directory.checks):  # some are deleted
            self.models.follow(directory.rules.policies.all, {*directory.servers, *directory.checks})
        if not is_same:
            self._read(uow)
        self._directory = directory
        self.revision += 1  # last: who sees it finds the states of this directory

    def _read(self, uow: UnitOfWork) -> None:
        due = uow.due_evaluations.of_watches()
        self.edited = {(each.server_id, each.watched) for each in due if each.cause is Cause.EDITED}
        self.models.owed = {(each.server_id, each.watched): each for each in due if each.cause is Cause.OWED}
        states = {(stored.server_id, stored.metric): self._as_of_now(stored) for stored in uow.alert_states.all()}
        self.changes.note(self.held, {**dict.fromkeys(self.held), **states})
        self.held = states
        self.busy = Counter(server_id for server_id, metric in states if metric not in WITHOUT_SAMPLES)
        self.models.resting.clear()

    def _has_same_policies(self, directory: Directory) -> bool:
        followed = self._directory  # once: a failed transaction may take it away meanwhile
        return followed is not None and followed.rules.policies is directory.rules.policies

    def _as_of_now(self, stored: StoredState) -> StoredState:
        """Return *stored* with its present watermark: rows are written when runs begin or end, not for each sample."""
        live = self._fleet.live.get(stored.server_id)
        if live is None or live.sample is None or stored.metric in WITHOUT_SAMPLES:
            return stored
        newest = live.sample.recorded_at
        last: datetime | None = newest
        metric, _ = split_key(stored.metric)
        owed = self.models.owed.get((stored.server_id, stored.metric))
        if owed is not None:
            newest = min(newest, owed.since)
        if owed is not None or live.sample.metric(metric) is None:  # not every sample has it
            last = self._stored.last_time(stored.server_id, metric, newest - LOOKED_BACK, newest)
        seen = max(stored.state.seen or 0, microseconds(last)) if last is not None else stored.state.seen
        return stored._replace(state=stored.state._replace(seen=seen))


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
