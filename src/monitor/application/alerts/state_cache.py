"""States of pending and firing alerts in this process's memory, as the database holds them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.alerts.alert_changes import AlertChanges
from monitor.application.alerts.outlooks import Following, Key, Outlooks
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.alerts.watches import Watches
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.alert import AlertId
from monitor.domain.alerts.due import Cause
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import BUILT_IN
from monitor.domain.policies.kinds.known import split_key
from monitor.domain.policies.policies import OFFLINE, WITHOUT_SAMPLES
from monitor.domain.times import microseconds

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
    *evaluated*: what was due and is evaluated now. *is_all*: no work is left for another transaction.
    """

    states: dict[Key, StoredState | None] = field(default_factory=dict)
    peaks: Peaks = field(default_factory=dict)
    expected: dict[AlertId, datetime | None] = field(default_factory=dict)
    following: Following | None = None
    evaluated: set[Key] = field(default_factory=set)
    is_all: bool = True


class StateCache:
    """States that all threads of a process share. Methods that write are called under the lock `fleet.writing`."""

    def __init__(self, fleet: Fleet, stored: StoredHistory, changes: AlertChanges) -> None:
        self._fleet = fleet
        self._stored = stored
        self._directory: Directory | None = None
        self._watches = Watches(fleet.directory)
        self._states: dict[Key, StoredState] = {}
        self._edited: set[Key] = set()
        """What live evaluation leaves alone, until its samples are evaluated anew by a policy that was changed."""
        self._overtaken: dict[ServerId, datetime] = {}
        """Servers of which another process took over what this one was to evaluate, and since when."""
        self._outlooks = Outlooks(stored)
        self.revision = 0
        """Rises when offline hosts may have lost their alert, or a policy may cover more of them."""
        self.changes = changes

    def firing(self) -> list[Key]:
        return [key for key, stored in self._current() if stored.state.level]

    def firing_levels(self) -> list[tuple[ServerId, Level]]:
        """Return server and level of each firing alert."""
        return [(server_id, stored.state.level) for (server_id, _), stored in self._current() if stored.state.level]

    def pending(self) -> list[StoredState]:
        return [stored for _, stored in self._current() if stored.state.is_pending]

    def _current(self) -> list[tuple[Key, StoredState]]:
        """Return all but those whose policy was deleted or switched off since they were read: they are closed."""
        held, followed, current = list(self._states.items()), self._directory, self._fleet.directory
        if followed is None or followed is current:
            return held
        there = {policy.id for policy in current.rules.policies.all if policy.enabled} | {BUILT_IN}
        return [(key, stored) for key, stored in held if stored.policy_id in there]

    def with_offline_alert(self, server_ids: Iterable[ServerId]) -> set[ServerId]:
        """Return those of these servers that have an alert for being offline."""
        states = self._states
        return {server_id for server_id in server_ids if (server_id, OFFLINE) in states}

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

    def is_outdated(self, stored: tuple[int, int]) -> bool:
        """Tell whether the cache must be read again: policies were changed, or it differs from what is *stored*.

        *stored*: the fingerprint of the database. Without the lock, what was just committed may differ.
        """
        states = list(self._states.values())
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
            self._overtaken.clear()
            self._outlooks.apply(evaluation.following)
        self._edited -= evaluation.evaluated
        for key in evaluation.evaluated:
            self._outlooks.owed.pop(key, None)
        self.changes.note(self._states, evaluation.states)
        for key, stored in evaluation.states.items():
            if stored is not None:
                self._states[key] = stored
                continue
            self._states.pop(key, None)
            server_id, metric = key
            if metric == OFFLINE and (live := self._fleet.live.get(server_id)) and live.status is Status.OFFLINE:
                self.revision += 1  # cancelled: another policy may cover the host
        for server_id in evaluation.following.looked if evaluation.following is not None else ():
            self._outlooks.rest(server_id, self._watches[server_id].outlooks, self._states)

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
        due = uow.due_evaluations.of_watches()
        self._edited = {(each.server_id, each.watched) for each in due if each.cause is Cause.EDITED}
        self._outlooks.owed = {(each.server_id, each.watched): each for each in due if each.cause is Cause.OWED}
        states = {(stored.server_id, stored.metric): self._as_of_now(stored) for stored in uow.alert_states.all()}
        self.changes.note(self._states, {**dict.fromkeys(self._states), **states})
        self._states = states
        self._outlooks.resting.clear()

    def _has_same_policies(self, directory: Directory) -> bool:
        return self._directory is not None and self._directory.rules.policies is directory.rules.policies

    def _as_of_now(self, stored: StoredState) -> StoredState:
        """Return *stored* with its present watermark: rows are written when runs begin or end, not for each sample."""
        live = self._fleet.live.get(stored.server_id)
        if live is None or live.sample is None or stored.metric in WITHOUT_SAMPLES:
            return stored
        newest = live.sample.recorded_at
        last: datetime | None = newest
        metric, _ = split_key(stored.metric)
        owed = self._outlooks.owed.get((stored.server_id, stored.metric))
        if owed is not None:
            newest = min(newest, owed.since)
        if owed is not None or live.sample.metric(metric) is None:  # not every sample has it
            last = self._stored.last_time(stored.server_id, metric, newest - LOOKED_BACK, newest)
        seen = max(stored.state.seen or 0, microseconds(last)) if last is not None else stored.state.seen
        return stored._replace(state=stored.state._replace(seen=seen))
