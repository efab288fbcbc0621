"""Samples against policies, inside the intake's transaction.

Only what is pending or firing has a state, in memory and in the database: an idle metric costs one comparison a
sample, and nothing else. That is the same as folding every sample through the engine, since an idle state remembers
nothing but its watermark, which is the server's newest sample.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from monitor.application.alert_news import AlertChanges
from monitor.application.announcing import Announcer
from monitor.application.fleet import Directory, Fleet
from monitor.application.ports.alert_states import StoredState
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.domain.alert_engine import (
    Change,
    Event,
    Level,
    Rule,
    State,
    longest_gap,
    microseconds,
    moment,
    observe,
    rule_of,
)
from monitor.domain.alerts import AlertId, threshold
from monitor.domain.policies import OFFLINE, Policy, applicable
from monitor.domain.samples import COLUMN_METRICS, Sample
from monitor.domain.servers import Server, ServerId, Status

Key = tuple[ServerId, str]
_COLUMNS = {name: Sample._fields.index(name) for name in COLUMN_METRICS}
_RECENT_TIMES = 11
"""Enough to learn an interval from ten gaps."""
_MICROSECOND = timedelta(microseconds=1)
_LOOKED_BACK = timedelta(days=1)
"""What came longer before the newest sample goes on with nothing."""


class Watch(NamedTuple):
    """A rule on one metric of one server. *column* is its place in a sample, -1 for one of `extra`. Below *floor*
    (values times the rule's sign) nothing begins."""

    metric: str
    column: int
    floor: float
    rule: Rule
    policy: Policy


@dataclass(slots=True)
class Evaluation:
    """What a transaction would make of the states in memory: applied once it has committed. None: idle again."""

    states: dict[Key, StoredState | None] = field(default_factory=dict)
    reconciled: Directory | None = None


class Alerting:
    """Shared by the threads of a process; every method but the reads is called while holding `fleet.writing`."""

    def __init__(self, fleet: Fleet, announcer: Announcer) -> None:
        self._fleet = fleet
        self._announcer = announcer
        self._directory: Directory | None = None
        self._watches: dict[ServerId, tuple[Watch, ...]] = {}
        self._states: dict[Key, StoredState] = {}
        self.touched: set[Key] = set()
        self.changes = AlertChanges()
        self._reconciled: Directory | None = None

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

    def is_outdated(self, stored: Iterable[StoredState]) -> bool:
        """Whether *stored*, which are all that the database holds, differ from what is remembered. What was `touched`
        since they were read is left out of account."""
        there = {(state.server_id, state.metric): state.version for state in stored}
        here = {key: state.version for key, state in self._states.items()}
        return any(there.get(key) != here.get(key) for key in (there.keys() | here.keys()) - self.touched)

    def says_offline(self, server_id: ServerId) -> bool:
        return (server_id, OFFLINE) in self._states

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

    def evaluate(self, uow: UnitOfWork, samples: Iterable[Sample]) -> Evaluation:
        """Write into *uow* whatever *samples* (stored in it just now) change. Raises TransactionConflict."""
        self._follow(uow)
        evaluation = Evaluation()
        newest: dict[ServerId, datetime] = {}
        for sample in sorted(samples, key=_time):
            server_id = sample.server_id
            seen = newest.get(server_id) or self._watermark(server_id)
            if seen is not None and sample.recorded_at <= seen:
                continue
            newest[server_id] = sample.recorded_at
            row: Any = sample
            for watch in self._watches_of(server_id):
                value = row[watch.column] if watch.column >= 0 else (sample.extra or {}).get(watch.metric)
                if value is None:
                    continue
                key = (server_id, watch.metric)
                held = evaluation.states.get(key, self._states.get(key))
                if held is not None or value * watch.rule.sign >= watch.floor:
                    self._step(uow, evaluation, watch, sample, value, held, seen)
        self._write(uow, evaluation)
        return evaluation

    def _write(self, uow: UnitOfWork, evaluation: Evaluation) -> None:
        """All rows at once: what began and ended within one group of samples costs none."""
        gone: list[StoredState] = []
        changed: list[StoredState] = []
        for key, after in evaluation.states.items():
            before = self._states.get(key)
            if after is None:
                gone += [before] if before is not None else []
                continue
            after = replace(after, version=before.version if before is not None else 0)
            evaluation.states[key] = after
            if before is None or not _goes_on(before, after):
                changed.append(after)
        if gone or changed:
            saved = uow.alert_states.save(changed, ended=gone)
            evaluation.states |= {(stored.server_id, stored.metric): stored for stored in saved}

    def apply(self, evaluation: Evaluation) -> None:
        self.changes.note(self._states, evaluation.states)
        self.touched |= evaluation.states.keys()
        for key, stored in evaluation.states.items():
            if stored is None:
                self._states.pop(key, None)
            else:
                self._states[key] = stored
        self._reconciled = evaluation.reconciled or self._reconciled

    def went_offline(self, uow: UnitOfWork, last_reports: dict[ServerId, datetime], now: datetime) -> Evaluation:
        self._follow(uow)
        evaluation = Evaluation()
        self._fire_offline(uow, last_reports, now, evaluation)
        return evaluation

    def _fire_offline(
        self, uow: UnitOfWork, last_reports: dict[ServerId, datetime], now: datetime, evaluation: Evaluation
    ) -> None:
        for server_id, last_report_at in sorted(last_reports.items()):
            server = self._fleet.directory.servers.get(server_id)
            if server is None or (server_id, OFFLINE) in self._states:
                continue
            policy = applicable(self._fleet.directory.policies, server).get(OFFLINE)
            if policy is None:
                continue
            event = Event(Change.FIRED, Level.CRITICAL, microseconds(now), (now - last_report_at).total_seconds())
            alert = self._announcer.fire(uow, server, policy, event, started_at=last_report_at, limit=None, now=now)
            stored = StoredState(
                server_id=server_id,
                metric=OFFLINE,
                policy_id=policy.id,
                state=State(Level.CRITICAL, event.at),
                alert_id=alert.id,
            )
            evaluation.states[server_id, OFFLINE] = uow.alert_states.save([stored])[0]

    def came_online(
        self, uow: UnitOfWork, server_ids: Iterable[ServerId], now: datetime, evaluation: Evaluation
    ) -> None:
        for server_id in sorted(server_ids):
            stored, server = self._states.get((server_id, OFFLINE)), self._fleet.directory.servers.get(server_id)
            if stored is None or server is None:
                continue
            if stored.alert_id is not None:
                alert = uow.alerts.get(stored.alert_id, visible_to=None)
                event = Event(Change.RESOLVED, Level.CRITICAL, microseconds(now), alert.value)
                self._announcer.change(uow, server, alert, event, None, is_late=False, now=now)
            uow.alert_states.delete([stored])
            evaluation.states[server_id, OFFLINE] = None

    def reconcile(self, uow: UnitOfWork, now: datetime) -> Evaluation:
        """Close what no policy watches any more: its policy was switched off or replaced, or a tag was taken away. And
        tell of hosts that were offline before a policy on that was switched on, or applied to them."""
        self._follow(uow)
        evaluation = Evaluation()
        for key, stored in list(self._states.items()):
            server = self._fleet.directory.servers.get(stored.server_id)
            if server is None:  # deleted, with everything of it
                evaluation.states[key] = None
                continue
            policy = applicable(self._fleet.directory.policies, server).get(stored.metric)
            if policy is None or policy.id != stored.policy_id:
                self._cancel(uow, server, stored, now)
                evaluation.states[key] = None
        if self._reconciled is not self._directory:
            self._fire_offline(uow, self._offline_unwatched(), now, evaluation)
            evaluation.reconciled = self._directory
        return evaluation

    def _offline_unwatched(self) -> dict[ServerId, datetime]:
        """Hosts that are offline and of which no alert says so, and when they last reported."""
        return {
            server_id: live.last_report_at
            for server_id, live in self._fleet.live.items()
            if live.status is Status.OFFLINE and live.last_report_at and (server_id, OFFLINE) not in self._states
        }

    def _follow(self, uow: UnitOfWork) -> None:
        directory = self._fleet.directory
        if directory is self._directory:
            return
        self._watches = {}
        states = {(stored.server_id, stored.metric): self._as_of_now(stored) for stored in uow.alert_states.all()}
        self.changes.note(self._states, {**dict.fromkeys(self._states), **states})
        self._states = states
        self._directory = directory

    def _as_of_now(self, stored: StoredState) -> StoredState:
        """A row is written when a run begins or ends and not with each sample: the samples since are looked up."""
        live = self._fleet.live.get(stored.server_id)
        if live is None or live.sample is None:
            return stored
        last: datetime | None = live.sample.recorded_at
        if live.sample.metric(stored.metric) is None:  # one that comes and goes
            last = self._fleet.last_time(stored.server_id, stored.metric, since=live.sample.recorded_at - _LOOKED_BACK)
        seen = max(stored.state.seen or 0, microseconds(last)) if last is not None else stored.state.seen
        return replace(stored, state=stored.state._replace(seen=seen))

    def _watermark(self, server_id: ServerId) -> datetime | None:
        live = self._fleet.live.get(server_id)
        return live.sample.recorded_at if live is not None and live.sample is not None else None

    def _watches_of(self, server_id: ServerId) -> tuple[Watch, ...]:
        watches = self._watches.get(server_id)
        if watches is None:
            server = self._fleet.directory.servers.get(server_id)
            policies = applicable(self._fleet.directory.policies, server) if server is not None else {}
            watches = tuple(_watch(policy) for metric, policy in policies.items() if metric != OFFLINE)
            self._watches[server_id] = watches
        return watches

    def _step(
        self,
        uow: UnitOfWork,
        evaluation: Evaluation,
        watch: Watch,
        sample: Sample,
        value: float,
        held: StoredState | None,
        watermark: datetime | None,
    ) -> None:
        server = self._fleet.directory.servers[sample.server_id]
        if held is not None and held.policy_id != watch.policy.id:
            self._cancel_alert(uow, server, held, sample.received_at)
            held = None
        for missed, of_then in self._taken_elsewhere(uow, watch, sample, held, watermark):
            held = self._observe(uow, evaluation, watch, missed, of_then, held)
        self._observe(uow, evaluation, watch, sample, value, held)

    def _taken_elsewhere(
        self, uow: UnitOfWork, watch: Watch, sample: Sample, held: StoredState | None, watermark: datetime | None
    ) -> list[tuple[Sample, float]]:
        """Where a run seems interrupted: the samples, and their values, that another process may have stored since.
        What is not newer than the *watermark* was evaluated, or came too late for it."""
        if held is None or held.state.seen is None or watermark is None:
            return []
        at, seen = microseconds(sample.recorded_at), held.state.seen
        if at - seen <= self._longest_gap(uow, sample, seen):
            return []
        since = max(moment(seen + 1), watermark + _MICROSECOND, sample.recorded_at - _LOOKED_BACK)
        values = self._fleet.values(sample.server_id, watch.metric, since, sample.recorded_at)
        return [(sample._replace(recorded_at=moment(then)), value) for then, value in values]

    def _observe(
        self,
        uow: UnitOfWork,
        evaluation: Evaluation,
        watch: Watch,
        sample: Sample,
        value: float,
        held: StoredState | None,
    ) -> StoredState | None:
        server, at = self._fleet.directory.servers[sample.server_id], microseconds(sample.recorded_at)
        before = held.state if held is not None else State()
        gap = self._longest_gap(uow, sample, before.seen)
        after, event = observe(watch.rule, before, at, value, gap)
        alert_id = held.alert_id if held is not None else None
        if event is not None:
            alert_id = self._announce(uow, server, watch, sample, after, event, alert_id)
        kept = _kept(watch, server.id, after, alert_id)
        evaluation.states[server.id, watch.metric] = kept
        return kept

    def _announce(
        self,
        uow: UnitOfWork,
        server: Server,
        watch: Watch,
        sample: Sample,
        after: State,
        event: Event,
        alert_id: AlertId | None,
    ) -> AlertId:
        limit, now = threshold(watch.policy, event.level), sample.received_at
        if event.change is not Change.FIRED and alert_id is not None:
            lag = microseconds(now) - event.at
            is_late = lag > self._longest_gap(uow, sample, event.at - lag)
            alert = uow.alerts.get(alert_id, visible_to=None)
            return self._announcer.change(uow, server, alert, event, limit, is_late=is_late, now=now).id
        since = after.critical_since if event.level is Level.CRITICAL else after.warning_since
        return self._announcer.fire(
            uow,
            server,
            watch.policy,
            event,
            started_at=moment(event.at if since is None else since),
            limit=limit,
            now=now,
            processes=sample.processes,
        ).id

    def _cancel(self, uow: UnitOfWork, server: Server, stored: StoredState, now: datetime) -> None:
        self._cancel_alert(uow, server, stored, now)
        uow.alert_states.delete([stored])

    def _cancel_alert(self, uow: UnitOfWork, server: Server, stored: StoredState, now: datetime) -> None:
        if stored.alert_id is not None:
            alert = uow.alerts.get(stored.alert_id, visible_to=None)
            if alert.is_open:
                self._announcer.cancel(uow, server, alert, now, "")

    def _longest_gap(self, uow: UnitOfWork, sample: Sample, seen: int | None) -> int:
        """Looked up in the history only where the interval is not declared and the answer depends on it."""
        live = self._fleet.live.get(sample.server_id)
        declared = sample.interval or (live.interval if live is not None else None)
        least = longest_gap(declared, ())
        if declared is not None or seen is None or microseconds(sample.recorded_at) - seen <= least:
            return least
        times = uow.samples.recent_times(sample.server_id, sample.recorded_at, _RECENT_TIMES)
        return longest_gap(None, [microseconds(b) - microseconds(a) for a, b in pairwise(times)])


def _kept(watch: Watch, server_id: ServerId, after: State, alert_id: AlertId | None) -> StoredState | None:
    """Idle has no row."""
    if not after.level and not after.is_pending:
        return None
    return StoredState(
        server_id=server_id,
        metric=watch.metric,
        policy_id=watch.policy.id,
        state=after,
        alert_id=alert_id if after.level else None,
    )


def _goes_on(before: StoredState, after: StoredState) -> bool:
    """A run that merely goes on needs no writing."""
    unmoved = before.state._replace(seen=after.state.seen)
    return (unmoved, before.alert_id, before.policy_id) == (after.state, after.alert_id, after.policy_id)


def _watch(policy: Policy) -> Watch:
    rule = rule_of(policy)
    return Watch(policy.metric, _COLUMNS.get(policy.metric, -1), min(rule.warning, rule.critical), rule, policy)


def _time(sample: Sample) -> datetime:
    return sample.recorded_at
