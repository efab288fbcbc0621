"""Several serving processes on one store."""

from collections.abc import Callable, Sequence

from monitor.application.operations.peers import ExchangePeerUpdates, FollowAlerts
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.fleet.servers import ServerId
from tests.unit.application.core import Core


class Serving:
    """One process; *poll* is what it does about twice a second."""

    def __init__(self, name: str, core: Core) -> None:
        self.core = core
        self.name = name
        core.fleet.refresh()
        follow = FollowAlerts(core.new_uow, core.fleet, core.alerting)
        self.poll = ExchangePeerUpdates(self._new_uow, core.store.queries, core.fleet, core.alerting, follow, name)
        self.meanwhile: list[Callable[[], object]] = []
        """Called just before its next write."""

    def _new_uow(self) -> UnitOfWork:
        while self.meanwhile:
            self.meanwhile.pop(0)()
        return self.core.new_uow()

    def report(self, server_id: ServerId, after: float = 0.0, **more: object) -> None:
        self.core.clock.advance(1)
        self.core.fleet.refresh()
        self.core.store_samples([self.core.sample(server_id, after, **more)])

    def cpu(self, server_id: ServerId) -> float | None:
        sample = self.core.fleet.live[server_id].sample
        return None if sample is None else sample.cpu

    @property
    def peer_updates(self) -> int:
        """The number of its last peer update."""
        return self.core.store.queries.peer_updates.newest(but="").get(self.name, 0)

    @property
    def others(self) -> set[str]:
        """The processes with peer updates: they are not taken as gone."""
        return set(self.core.store.queries.peer_updates.newest(but=self.name))


def processes(count: int = 2) -> tuple[list[Serving], ServerId]:
    first = Core()
    server_id = first.server().id
    return [Serving("abc"[n], first if n == 0 else first.other_process()) for n in range(count)], server_id


def all_poll(serving: Sequence[Serving], times: int = 1) -> None:
    for _ in range(times):
        for each in serving:
            each.poll()
