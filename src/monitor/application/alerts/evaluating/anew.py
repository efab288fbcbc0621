"""Evaluate stored samples anew: after late ones, after a change of their policy, and if they waited too long.

Reading and folding take no lock. Then one transaction adds the samples that arrived in between, and reconciles the
alerts of one server. What becomes due in between waits for the next turn.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluating.reconciling import Reconciling
from monitor.application.alerts.evaluating.refold import READS_BEFORE, ReadAhead, Refold
from monitor.application.alerts.evaluating.state_cache import LOOKED_BACK, Evaluation
from monitor.application.alerts.ports import Queries, StoredState, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.accounts.actors import SYSTEM
from monitor.domain.alerts.alert import Alert, AlertId
from monitor.domain.alerts.anew import FoundAlert, firing_at, looks_back, was_open
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.alerts.engine import State
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.codec import BrokenChunk
from monitor.domain.history.frames import DECLARED
from monitor.domain.intake.intervals import TIMES_NEEDED
from monitor.domain.intake.samples import FUTURE_TOLERANCE
from monitor.domain.levels import Level
from monitor.domain.policies.policies import WITHOUT_SAMPLES, Policy, PolicyId, WatchKey
from monitor.domain.times import MICROSECOND, microseconds, moment

SETTLED_AFTER = timedelta(seconds=10)
"""A backlog comes in several requests, and the first show alerts that the last disprove."""
WAITS_AT_MOST = timedelta(minutes=1)
AT_ONCE = 100
"""Servers of one turn."""
FARTHEST = timedelta(days=16)
"""How far back samples are evaluated anew; as far as a backtest looks for what fired before its window."""
_READ_AHEAD = timedelta(days=20)
"""History of all servers together that is in memory at once, to know what open alerts would be."""
Policies = Mapping[WatchKey, Policy]
Work = Callable[[UnitOfWork, datetime], Evaluation]


@dataclass(frozen=True, slots=True)
class EvaluateAnew:
    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    stored: StoredHistory

    def due(self, now: datetime) -> list[DueEvaluation]:
        """Return due evaluations, at most `AT_ONCE`."""
        return self.queries.alerts.due_evaluations(now - SETTLED_AFTER, now - WAITS_AT_MOST, AT_ONCE)

    def prepared(self, due: DueEvaluation, now: datetime) -> Work | None:
        """Read and fold the samples, and return the rest of the work, for one transaction; None if the server is gone.

        Samples that cannot be read are not evaluated: other servers must not wait for them.
        """
        server = self.fleet.directory.watched(due.server_id)
        if server is None:
            return None
        rules = self.fleet.directory.rules.policies_for(server)
        policies = {key: policy for key, policy in rules.items() if key not in WITHOUT_SAMPLES}
        try:
            if due.cause is Cause.EDITED:
                return self._edited(due, server, policies.get(due.watched), now)
            return self._late(due, server, policies, now)
        except NotFound:
            return None
        except BrokenChunk:
            return _forgotten(due)

    def _edited(self, due: DueEvaluation, server: Server, policy: Policy | None, now: datetime) -> Work:
        with self.new_uow() as uow:
            held = _held(uow, server.id).get(due.watched)
            alert = _alert_of(uow, held)
        if policy is None or held is None or held.policy_id != policy.id:
            return _forgotten(due)  # what no longer applies is cancelled elsewhere
        refold = _refold(self.stored, server.id, policy, _begin(held, alert, now), alert, now)

        def work(uow: UnitOfWork, now: datetime) -> Evaluation:
            held = _held(uow, server.id).get(policy.key)
            if held is None or not self._is_same(server, [policy]) or not uow.due_evaluations.delete([due]):
                return Evaluation()
            refold.go_on(_end(now))
            evaluation = Evaluation(evaluated={(server.id, policy.key)})
            reconciling = Reconciling(Announcer(self.fleet, uow, now), evaluation, server, policy, held)
            reconciling.edited(_alert_of(uow, held), refold.folds[policy.key].state or State())
            return evaluation

        return work

    def _late(self, due: DueEvaluation, server: Server, policies: Policies, now: datetime) -> Work:
        since = max(due.since, now - FARTHEST)
        before = _looks_back(self.stored, server.id, policies.values(), since)
        with self.new_uow() as uow:
            start = _start(_lasting(uow, server.id, since, now), since, before)
            recorded = _lasting(uow, server.id, start, now)
        refolds = [
            self._refold(server.id, begin, some, recorded) for begin, some in _by_begin(policies, start, now).items()
        ]
        for refold in refolds:
            refold.go_on(_end(now))

        def work(uow: UnitOfWork, now: datetime) -> Evaluation:
            recorded = _lasting(uow, server.id, start, now)
            is_same = self._is_same(server, policies.values()) and all(_began_as(each, recorded) for each in refolds)
            if not is_same or not uow.due_evaluations.delete([due]):
                return Evaluation()
            waiting = uow.due_evaluations.of_watches([server.id])
            edited = {each.watched for each in waiting if each.cause is Cause.EDITED}
            owed = [each for each in waiting if each.cause is Cause.OWED]  # all of it is evaluated here
            uow.due_evaluations.delete(owed)
            evaluation, held = Evaluation(evaluated={(server.id, each.watched) for each in owed}), _held(uow, server.id)
            for refold in refolds:
                refold.go_on(_end(now))
                for key, fold in refold.folds.items():
                    stored = held.get(key)
                    if key not in edited and (stored is None or stored.policy_id == fold.policy.id):
                        each = Reconciling(Announcer(self.fleet, uow, now), evaluation, server, fold.policy, stored)
                        each.late(recorded, fold, max(since, refold.start))
            return evaluation

        return work

    def _refold(self, server_id: ServerId, start: datetime, policies: Policies, recorded: Sequence[Alert]) -> Refold:
        firing: dict[WatchKey, tuple[State, FoundAlert]] = {}
        for alert in recorded:
            policy = policies.get(alert.key)
            if policy is not None and alert.policy_id == policy.id and was_open(alert, start):
                _, timeline = self.queries.alerts.get(SYSTEM, alert.id)
                firing[alert.key] = firing_at(start, alert, timeline)
        return Refold(self.stored, server_id, policies, start, firing)

    def _is_same(self, server: Server, policies: Iterable[Policy]) -> bool:
        """True if *server* still has these policies."""
        present = self.fleet.directory.watched(server.id)
        if present is None:
            return False
        rules = self.fleet.directory.rules.policies_for(present)
        return all(rules.get(policy.key) == policy for policy in policies)


def levels_by(
    stored: StoredHistory, alerts: Sequence[Alert], policies: Mapping[PolicyId | None, Policy], now: datetime
) -> dict[AlertId, Level]:
    """Return the level of each open alert by its changed policy; OK if it would end. Skip deleted servers."""
    found: dict[AlertId, Level] = {}
    reads = {alert.id: _reads_from(alert, policies[alert.policy_id], now) for alert in alerts}
    waiting = sorted(alerts, key=lambda alert: reads[alert.id], reverse=True)
    while waiting:
        longest = [now - reads[alert.id] for alert in waiting]
        some = [each for n, each in enumerate(waiting) if n == 0 or (n + 1) * longest[n] <= _READ_AHEAD]
        waiting = waiting[len(some) :]
        names = [*{policies[alert.policy_id].metric: None for alert in some}, DECLARED]
        ahead = ReadAhead.of(stored, {alert.server_id for alert in some}, names, reads[some[-1].id], _end(now))
        for alert in some:
            with suppress(NotFound):
                found[alert.id] = _level_by(ahead, alert, policies[alert.policy_id], now)
    return found


def _reads_from(alert: Alert, policy: Policy, now: datetime) -> datetime:
    return max(alert.started_at - looks_back([policy]), now - FARTHEST) - READS_BEFORE


def _level_by(stored: StoredHistory, alert: Alert, policy: Policy, now: datetime) -> Level:
    return _refold(stored, alert.server_id, policy, alert.started_at, alert, now).folds[policy.key].level


def _refold(
    stored: StoredHistory, server_id: ServerId, policy: Policy, begin: datetime, alert: Alert | None, now: datetime
) -> Refold:
    """Fold from before *begin*, the first sample of the run that made *alert* fire, by a changed *policy*."""
    start = max(begin - _looks_back(stored, server_id, [policy], begin), now - FARTHEST)
    firing = {policy.key: firing_at(start, alert, ())} if alert is not None and begin < start else {}
    refold = Refold(stored, server_id, {policy.key: policy}, start, firing)
    refold.go_on(_end(now))
    return refold


def _looks_back(stored: StoredHistory, server_id: ServerId, policies: Iterable[Policy], begin: datetime) -> timedelta:
    """Return how long before *begin* samples matter for the state at *begin*: longer if the host reports seldom.

    With eleven samples in that time, no gap within a run is longer.
    """
    span = looks_back(policies)
    is_seldom = len(stored.frame(server_id, [DECLARED], begin - span, begin)) < TIMES_NEEDED
    return span + LOOKED_BACK if is_seldom else span


def _end(now: datetime) -> datetime:
    """Return a time after all samples: clocks may be ahead."""
    return now + FUTURE_TOLERANCE + MICROSECOND


def _lasting(uow: UnitOfWork, server_id: ServerId, since: datetime, now: datetime) -> list[Alert]:
    """Return alerts that lasted till *since* or longer, without those of the future: the clock was set back, and their
    samples are not folded."""
    return [alert for alert in uow.alerts.lasting(server_id, since) if alert.started_at <= _end(now)]


def _held(uow: UnitOfWork, server_id: ServerId) -> dict[WatchKey, StoredState]:
    return {stored.metric: stored for stored in uow.alert_states.of_servers([server_id])}


def _alert_of(uow: UnitOfWork, held: StoredState | None) -> Alert | None:
    if held is None or held.alert_id is None:
        return None
    return uow.alerts.get_many([held.alert_id], changed_by=None).get(held.alert_id)


def _begin(held: StoredState, alert: Alert | None, now: datetime) -> datetime:
    """Return the first sample of the run that made the alert fire, or that is pending."""
    if alert is not None:
        return alert.started_at
    runs = (held.state.warning_since, held.state.critical_since)
    return moment(min((each for each in runs if each is not None), default=microseconds(now)))


def _start(lasting: Iterable[Alert], since: datetime, before: timedelta) -> datetime:
    """Return the time from which samples are folded: early enough to know what fires at *since*. *before*: how far
    back samples influence a state.

    Alerts that fired within *before*, or a day, before *since* are evaluated from their start.
    """
    first = since - max(before, LOOKED_BACK)
    begins = [alert.started_at for alert in lasting if alert.fired_at >= first]
    return min([since, *begins]) - before


def _forgotten(due: DueEvaluation) -> Work:
    def work(uow: UnitOfWork, now: datetime) -> Evaluation:
        uow.due_evaluations.delete([due])
        return Evaluation(evaluated={(due.server_id, due.watched)})

    return work


def _by_begin(policies: Policies, start: datetime, now: datetime) -> dict[datetime, dict[WatchKey, Policy]]:
    """Group the policies by when their evaluation begins: at *start*, but not before their last change.

    A change of the future is from before the clock was set back: when that was, is not known.
    """
    found: dict[datetime, dict[WatchKey, Policy]] = {}
    for key, policy in policies.items():
        changed_at = policy.changed_at
        begin = start if changed_at is None or changed_at > _end(now) else max(start, changed_at + MICROSECOND)
        found.setdefault(begin, {})[key] = policy
    return found


def _began_as(refold: Refold, recorded: Iterable[Alert]) -> bool:
    """True if the alerts that fired when *refold* began are the same as those *recorded* now."""
    own = {key: fold.policy.id for key, fold in refold.folds.items()}
    fired = {each.id for each in recorded if own.get(each.key) == each.policy_id and was_open(each, refold.start)}
    return fired == refold.fired_before
