"""Hosts that report to other processes."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.fleet import Fleet, is_news
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.domain.servers import Status


@dataclass(frozen=True, slots=True)
class FollowReturns:
    """Run every few seconds: who is offline here may have reported elsewhere, and is as online as if it had reported
    here. That one fell silent everywhere needs no following: each process finds it by itself.
    """

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet

    def __call__(self) -> None:
        offline = {id_: held for id_, held in self.fleet.live.items() if held.status is Status.OFFLINE}
        if not offline:
            return
        with self.new_uow() as uow:
            received = uow.samples.last_received(offline)
        news = {id_: at for id_, at in received.items() if is_news(offline[id_], at)}
        if news:
            with self.fleet.writing:
                self.fleet.record_return(news)
