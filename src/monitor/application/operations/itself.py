"""The installation's own figures: measured in each process, and watched by a check like others. See decision 76."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.application.alerts.evaluating.state_cache import StateCache
from monitor.application.checks.checks import ChangeCheck, unused_address
from monitor.application.checks.ports import CheckFilter
from monitor.application.intake.queue import IntakeQueue
from monitor.application.operations.ports import Queries, UnitOfWork
from monitor.application.operations.working import MustWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import created_values, entry
from monitor.domain.checks.checks import Check, Result
from monitor.domain.checks.kinds import MONITOR
from monitor.domain.errors import MonitorError
from monitor.domain.policies.policies import Policy, Scope

NAME, INTERVAL = "monitor itself", 30.0
QUEUE, COMMIT, LAG = "monitor_queue_samples", "monitor_commit_ms", "monitor_lag_ms"
OUTBOX, SEALING = "monitor_outbox_age_seconds", "monitor_sealing_lag_seconds"
STATES, SESSIONS = "monitor_alert_states", "monitor_sessions"
_MINUTE = timedelta(minutes=1)
RECOMMENDED = (
    Policy(metric=QUEUE, warning=5_000, critical=15_000, sustained_for=_MINUTE),  # of 20,000
    Policy(metric=COMMIT, warning=2_000, critical=10_000),  # agents wait for 10 seconds
    Policy(metric=LAG, warning=1_000, critical=5_000),
    Policy(metric=OUTBOX, warning=120, critical=600, sustained_for=_MINUTE),
    Policy(metric=SEALING, warning=3 * 3600, critical=12 * 3600),
)


class OwnFigures:
    """Measures this process. *longest_lag*: of its event loop in the last minute, in seconds."""

    def __init__(self, queue: IntakeQueue, states: StateCache) -> None:
        self.longest_lag: Callable[[], float] = float
        self._queue, self._states = queue, states
        self._before = 0, 0.0

    def __call__(self) -> dict[str, float]:
        """Return figures by metric; the time of a commit is the mean since the last call. For one thread."""
        (count, seconds), self._before = self._before, (self._queue.commits, self._queue.commit_seconds)
        return {
            QUEUE: self._queue.depth,
            COMMIT: round(1000 * (self._before[1] - seconds) / max(1, self._before[0] - count), 1),
            LAG: round(1000 * self.longest_lag(), 1),
            STATES: len(self._states.held),
        }


@dataclass(frozen=True, slots=True)
class ReadFigures:
    """Read the figures of the installation: the worst that a process reports, and what the store says."""

    queries: Queries
    clock: Clock

    def __call__(self) -> dict[str, float]:
        """Raises StorageUnavailable."""
        now = self.clock.now()
        reports = [each.report for each in self.queries.cluster.processes(now) if each.report is not None]
        found: dict[str, float] = {SESSIONS: self.queries.cluster.sessions(now)}
        for name, value in (each for report in reports for each in report.figures.items()):
            found[name] = max(value, found.get(name, value))
        found[OUTBOX] = (now - (self.queries.notifications.due_since(now) or now)).total_seconds()
        if reports:  # what ended before all began to serve could not be sealed
            sealed = [each.history.sealed_until for each in reports if each.history.sealed_until is not None]
            since = max([min(each.started_at for each in reports), *sealed])
            found[SEALING] = max(0.0, (now - since).total_seconds())
        return found


@dataclass(frozen=True, slots=True)
class CheckItself:
    """Run a check of the kind `monitor`: it is up while everything works, and its samples hold the figures."""

    read_figures: ReadFigures
    must_work: MustWork

    def __call__(self, now: datetime) -> Result:
        figures, error = dict[str, float](), ""
        try:
            figures = self.read_figures()
            self.must_work()
        except MonitorError as failed:
            error = str(failed) or failed.reason
        return Result(at=now, up=not error, error=error, figures=figures)


@dataclass(frozen=True, slots=True)
class WatchItself:
    """Make the check of the installation and its policies, once; if the setting *watches_itself* is off, pause it."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock
    secrets: Secrets
    change_check: ChangeCheck
    watches_itself: bool

    def __call__(self, actor: Actor) -> None:
        if self.watches_itself:
            self._make_once(actor)
            return
        for stored in self.queries.checks.find(actor, CheckFilter(kind=MONITOR)):
            self.change_check.pause(actor, stored.id, paused=True)

    @retried
    def _make_once(self, actor: Actor) -> None:
        now = self.clock.now()
        with self.new_uow() as uow:
            uow.checks.count()  # processes that start at once do this one after the other
            if uow.preferences.all().get("watches_itself"):
                return
            uow.preferences.save({"watches_itself": 1.0})
            check = Check(name=NAME, kind=MONITOR, target="itself", interval=INTERVAL, created_at=now)
            check = uow.checks.add(check, unused_address(self.secrets), due_at=now)
            for policy in RECOMMENDED:
                uow.alert_policies.add(replace(policy, scope=Scope(server_id=check.id), changed_at=now))
            uow.audit.add(entry(actor, now, "check.create", check.name, created_values({"kind": MONITOR.name})))
            uow.commit()
