"""Which rules watch which server.

What is pending or firing, as this process remembers it: the very rows that the database holds.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.alerts.changes import AlertChanges
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.alert import AlertId
from monitor.domain.alerts.engine import Rule, rule_of
from monitor.domain.alerts.policies import OFFLINE, Policy
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import COLUMN_METRICS, Sample
from monitor.domain.times import microseconds

_COLUMNS = {name: Sample._fields.index(name) for name in COLUMN_METRICS}


class Watch(NamedTuple):
    """A rule on one metric of one server. *column* is its place in a sample, -1 for one of `extra`. *floor* is the
    rule's, worked out once."""

    metric: str
    column: int
    floor: float
    rule: Rule
    policy: Policy


class Watches:
    """Those of one *directory*, each server's made when they are first asked for."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made: dict[ServerId, tuple[Watch, ...]] = {}
        self._of_policies: dict[Policy, Watch] = {}

    def of(self, server_id: ServerId) -> tuple[Watch, ...]:
        made = self._made.get(server_id)
        if made is None:
            server = self._directory.servers.get(server_id)
            made = self._made[server_id] = self._make(server) if server is not None else ()
        return made

    def _make(self, server: Server) -> tuple[Watch, ...]:
        policies = self._directory.policies_for(server)
        return tuple(self._watch(policy) for metric, policy in policies.items() if metric != OFFLINE)

    def _watch(self, policy: Policy) -> Watch:
        """One for all servers that the policy is for."""
        watch = self._of_policies.get(policy)
        if watch is None:
            rule = rule_of(policy)
            column = _COLUMNS.get(policy.metric, -1)
            watch = self._of_policies[policy] = Watch(policy.metric, column, rule.floor, rule, policy)
        return watch


Key = tuple[ServerId, str]
Peaks = dict[AlertId, tuple[float, datetime]]
AT_ONCE = 10
"""So many alerts are written in one transaction of the background's, some 15 ms long: a thousand hosts that fall silent
together must not hold up those that report."""
LOOKED_BACK = timedelta(days=1)
"""What came longer before the newest sample goes on with nothing."""


@dataclass(slots=True)
class Evaluation:
    """What a transaction would make of the states in memory: applied once it has committed. None: idle again.
    *peaks*: worst values, and when, of alerts that fire on. *is_all*: nothing was left for another one."""

    states: dict[Key, StoredState | None] = field(default_factory=dict)
    peaks: Peaks = field(default_factory=dict)
    reconciled: Directory | None = None
    is_all: bool = True


class Standing:
    """Shared by the threads of a process; every method but the reads is called while holding `fleet.writing`."""

    def __init__(self, fleet: Fleet, stored: StoredHistory) -> None:
        self._fleet = fleet
        self.stored = stored
        self._directory: Directory | None = None
        self._watches = Watches(fleet.directory)
        self._states: dict[Key, StoredState] = {}
        self._reconciled: Directory | None = None
        self.touched: set[Key] = set()
        self.changes = AlertChanges()

    def firing(self) -> list[Key]:
        return [key for key, stored in self._standing() if stored.state.level]

    def pending(self) -> list[StoredState]:
        return [stored for _, stored in self._standing() if stored.state.is_pending]

    def _standing(self) -> list[tuple[Key, StoredState]]:
        """But for those whose policy was changed or deleted since they were last followed: they are closed."""
        held, followed, current = list(self._states.items()), self._directory, self._fleet.directory
        if followed is None or followed is current:
            return held
        same = {policy.id for policy in {*followed.policies} & {*current.policies}}
        return [(key, stored) for key, stored in held if stored.policy_id in same]

    def says_offline(self, server_id: ServerId) -> bool:
        return (server_id, OFFLINE) in self._states

    def is_outdated(self, stored: Iterable[StoredState]) -> bool:
        """Whether *stored*, which are all that the database holds, differ from what is remembered, or were read for
        another directory: those of a policy that has changed since count as closed until they are read anew. What was
        `touched` since they were read is left out of account."""
        if self._directory is not self._fleet.directory:
            return True
        there = {(state.server_id, state.metric): state.version for state in stored}
        here = {key: state.version for key, state in self._states.items()}
        return any(there.get(key) != here.get(key) for key in (there.keys() | here.keys()) - self.touched)

    def follow(self, uow: UnitOfWork) -> None:
        """Read anew what another process changed."""
        self.forget()
        self._follow(uow)

    def note_elsewhere(self, server_ids: Collection[ServerId]) -> None:
        """Another process has evaluated their newest samples. A run that it has not ended goes on."""
        for key, stored in self._states.items():
            if stored.server_id in server_ids:
                self._states[key] = self._as_of_now(stored)

    def forget(self) -> None:
        """Another process changed what this one remembers: read it anew before the next evaluation."""
        self._directory = None

    def apply(self, evaluation: Evaluation) -> None:
        self.changes.note(self._states, evaluation.states)
        self.touched |= evaluation.states.keys()
        for key, stored in evaluation.states.items():
            if stored is None:
                self._states.pop(key, None)
            else:
                self._states[key] = stored
        self._reconciled = evaluation.reconciled or self._reconciled

    def _follow(self, uow: UnitOfWork) -> None:
        """Read what the database holds, where it or the fleet may have changed."""
        directory = self._fleet.directory
        if directory is self._directory:
            return
        self._watches = Watches(directory)
        states = {(stored.server_id, stored.metric): self._as_of_now(stored) for stored in uow.alert_states.all()}
        self.changes.note(self._states, {**dict.fromkeys(self._states), **states})
        self._states = states
        self._directory = directory

    def _as_of_now(self, stored: StoredState) -> StoredState:
        """A row is written when a run begins or ends and not with each sample: the samples since are looked up."""
        live = self._fleet.live.get(stored.server_id)
        if live is None or live.sample is None or stored.metric == OFFLINE:  # which no sample has
            return stored
        newest = live.sample.recorded_at
        last: datetime | None = newest
        if live.sample.metric(stored.metric) is None:  # one that comes and goes
            last = self.stored.last_time(stored.server_id, stored.metric, newest - LOOKED_BACK, newest)
        seen = max(stored.state.seen or 0, microseconds(last)) if last is not None else stored.state.seen
        return stored._replace(state=stored.state._replace(seen=seen))
