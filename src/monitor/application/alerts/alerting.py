"""Samples against policies, inside the intake's transaction.

Only what is pending or firing has a state, in memory and in the database: an idle metric costs one comparison a
sample, and nothing else. That is the same as folding every sample through the engine, since an idle state remembers
nothing but its watermark, which is the server's newest sample.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluation import Steps
from monitor.application.alerts.offline_alerts import OfflineAlerts
from monitor.application.alerts.open_alerts import AT_ONCE, Evaluation, Key, Standing
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample

__all__ = ["Alerting", "Evaluation", "Key"]
_TIME = itemgetter(Sample._fields.index("recorded_at"))


class Alerting(Standing):
    """What stands, and what it comes to. All that a transaction would change is in its `Evaluation`."""

    def __init__(self, fleet: Fleet, announcer: Announcer, stored: StoredHistory) -> None:
        super().__init__(fleet, stored)
        self._steps = Steps(fleet, announcer, stored)
        self._offline = OfflineAlerts(fleet, announcer)

    def evaluate(self, uow: UnitOfWork, samples: Iterable[Sample]) -> Evaluation:
        """Write into *uow* whatever *samples* (stored in it just now) change. Raises TransactionConflict."""
        self._follow(uow)
        evaluation = Evaluation()
        standing, states, watches_of, live = self._states, evaluation.states, self._watches.of, self._fleet.live
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
                held = states[key] if states and key in states else standing.get(key)
                if held is not None or value * rule.sign >= floor:
                    states[key] = self._steps.step(uow, watch, sample, value, held, seen, evaluation.peaks)
        self._write(uow, evaluation)
        return evaluation

    def _write(self, uow: UnitOfWork, evaluation: Evaluation) -> None:
        """All rows at once: what began and ended within one group of samples costs none."""
        gone: list[StoredState] = []
        changed: list[StoredState] = []
        for key, after in evaluation.states.items():
            before = self._states.get(key)
            if before is None:
                changed += [after] if after is not None else []
            elif after is None:
                gone.append(before)
            else:
                if after.version != before.version:  # one that ended and began anew
                    after = evaluation.states[key] = after._replace(version=before.version)
                changed += [after] if not _goes_on(before, after) else []
        if gone or changed:
            saved = uow.alert_states.save(changed, ended=gone)
            evaluation.states |= {(stored.server_id, stored.metric): stored for stored in saved}
        uow.alerts.save_peaks(evaluation.peaks)

    def went_offline(self, uow: UnitOfWork, last_reports: Mapping[ServerId, datetime], now: datetime) -> Evaluation:
        self._follow(uow)
        evaluation = Evaluation()
        self._offline.fire(uow, self._states, last_reports, now, evaluation)
        return evaluation

    def came_online(
        self, uow: UnitOfWork, server_ids: Iterable[ServerId], now: datetime, evaluation: Evaluation
    ) -> None:
        self._offline.resolve(uow, self._states, server_ids, now, evaluation)

    def reconcile(self, uow: UnitOfWork, now: datetime) -> Evaluation:
        """Close what no policy watches any more: its policy was switched off or replaced, or a tag was taken away. And
        tell of hosts that were offline before a policy on that was switched on, or applied to them. `AT_ONCE` of each
        at most."""
        self._follow(uow)
        evaluation = Evaluation()
        closed: list[StoredState] = []
        for key, stored in list(self._states.items()):
            server = self._fleet.directory.servers.get(stored.server_id)
            if server is None:  # deleted, with everything of it
                evaluation.states[key] = None
                continue
            policy = self._fleet.directory.policies_for(server).get(stored.metric)
            if policy is None or policy.id != stored.policy_id:
                if len(closed) == AT_ONCE:
                    evaluation.is_all = False
                    break
                self._steps.cancel(uow, server, stored, now)
                closed.append(stored)
                evaluation.states[key] = None
        uow.alert_states.delete(closed)
        if self._reconciled is not self._directory:
            self._offline.fire(uow, self._states, self._offline.unsaid(self._states), now, evaluation)
            if evaluation.is_all:
                evaluation.reconciled = self._directory
        return evaluation


def _goes_on(before: StoredState, after: StoredState) -> bool:
    """A run that merely goes on needs no writing: only its watermark, which is the server's newest sample, moves."""
    was, now = before.state, after.state
    return (was[0], was[2:], before.alert_id, before.policy_id) == (now[0], now[2:], after.alert_id, after.policy_id)
