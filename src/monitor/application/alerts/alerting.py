"""Compare samples with policies, in the transaction of the intake.

Only pending and firing metrics have a state, in memory and in the database: an idle metric costs one comparison a
sample. The result equals that of the engine run on every sample, because an idle state holds only its watermark, which
is the server's newest sample.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluation import Evaluator
from monitor.application.alerts.offline_alerts import OfflineAlerts
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.alerts.state_cache import AT_ONCE, Evaluation, StateCache
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample

_TIME = itemgetter(Sample._fields.index("recorded_at"))


class Alerting(StateCache):
    """Decide what samples, reports and missing reports change.

    Each method writes into a unit of work, and returns or fills the `Evaluation` to apply after its commit.
    """

    def __init__(self, fleet: Fleet, announcer: Announcer, stored: StoredHistory) -> None:
        super().__init__(fleet, stored)
        self._evaluator = Evaluator(fleet, announcer, stored)
        self._offline = OfflineAlerts(fleet, announcer)

    def evaluate(self, uow: UnitOfWork, samples: Iterable[Sample]) -> Evaluation:
        """Write what *samples*, which *uow* has just stored, change. Raises TransactionConflict."""
        self._follow(uow)
        evaluation = Evaluation()
        cached, states, watches_of, live = self._states, evaluation.states, self._watches.of, self._fleet.live
        newest: dict[ServerId, datetime] = {}
        for sample in sorted(samples, key=_TIME):
            server_id, at = sample.server_id, sample.recorded_at
            seen = newest.get(server_id)
            if seen is None and (known := live.get(server_id)) is not None and known.sample is not None:
                seen = known.sample.recorded_at
            if seen is not None and at <= seen:
                continue
            newest[server_id] = at
            row: Any = sample
            for watch in watches_of(server_id):
                metric, column, floor, rule, _ = watch
                value = row[column] if column >= 0 else (sample.extra or {}).get(metric)
                if value is None:
                    continue
                key = (server_id, metric)
                held = states[key] if states and key in states else cached.get(key)
                if held is not None or value * rule.sign >= floor:
                    states[key] = self._evaluator.evaluate(uow, watch, sample, value, held, seen, evaluation.peaks)
        self._write(uow, evaluation)
        return evaluation

    def _write(self, uow: UnitOfWork, evaluation: Evaluation) -> None:
        """Write all changed rows at once. A run that began and ended within the samples needs none."""
        gone: list[StoredState] = []
        changed: list[StoredState] = []
        for key, after in evaluation.states.items():
            before = self._states.get(key)
            if before is None:
                changed += [after] if after is not None else []
            elif after is None:
                gone.append(before)
            else:
                if after.version != before.version:  # it ended, and another began
                    after = evaluation.states[key] = after._replace(version=before.version)
                changed += [after] if _must_be_written(before, after) else []
        if gone or changed:
            saved = uow.alert_states.save(changed, ended=gone)
            evaluation.states |= {(stored.server_id, stored.metric): stored for stored in saved}
        uow.alerts.save_peaks(evaluation.peaks)

    def went_offline(self, uow: UnitOfWork, last_reports: Mapping[ServerId, datetime], now: datetime) -> Evaluation:
        """Fire the alerts of hosts that are newly offline."""
        self._follow(uow)
        evaluation = Evaluation()
        self._offline.fire(uow, self._states, last_reports, now, evaluation)
        return evaluation

    def came_online(
        self, uow: UnitOfWork, server_ids: Iterable[ServerId], now: datetime, evaluation: Evaluation
    ) -> None:
        """Resolve the alerts of hosts that report again."""
        self._offline.resolve(uow, self._states, server_ids, now, evaluation)

    def reconcile(self, uow: UnitOfWork, now: datetime) -> Evaluation:
        """Cancel alerts whose policy no longer applies, and fire those of offline hosts that a policy covers only now.

        A policy stops to apply when it is disabled or overridden, or when a tag is removed. At most `AT_ONCE` of each.
        """
        self._follow(uow)
        evaluation = Evaluation()
        closed: list[StoredState] = []
        for key, stored in list(self._states.items()):
            server = self._fleet.directory.servers.get(stored.server_id)
            if server is None:  # deleted, with its alerts
                evaluation.states[key] = None
                continue
            policy = self._fleet.directory.rules.policies_for(server).get(stored.metric)
            if policy is None or policy.id != stored.policy_id:
                if len(closed) == AT_ONCE:
                    evaluation.is_all = False
                    break
                self._evaluator.cancel(uow, server, stored, now)
                closed.append(stored)
                evaluation.states[key] = None
        uow.alert_states.delete(closed)
        if self._reconciled is not self._directory:
            self._offline.fire(uow, self._states, self._offline.without_alert(self._states), now, evaluation)
            if evaluation.is_all:
                evaluation.reconciled = self._directory
        return evaluation


def _must_be_written(before: StoredState, after: StoredState) -> bool:
    """Tell whether more than the watermark differs, which is the server's newest sample and needs no writing."""
    was, now = before.state, after.state
    return (was[0], was[2:], before.alert_id, before.policy_id) != (now[0], now[2:], after.alert_id, after.policy_id)
