"""What other processes made of alert states."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.alerting import Alerting
from monitor.application.fleet import Fleet
from monitor.application.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class FollowAlerts:
    """Run every second or so: a host whose next sample reaches another process is known there as it was here.

    The versions of states keep a process from writing over what it doesn't know; this keeps one from doing nothing
    where there is something to do. States are few: what is idle has none.
    """

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    alerting: Alerting

    def __call__(self) -> None:
        with self.fleet.writing:
            self.alerting.touched.clear()
        # Read without holding up the intake: what it writes meanwhile is not compared this time.
        with self.new_uow() as uow:
            stored = uow.alert_states.all()
        with self.fleet.writing:
            if self.alerting.is_outdated(stored):
                with self.new_uow() as uow:
                    self.alerting.follow(uow)
