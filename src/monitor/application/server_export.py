"""All servers as a file."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.ports.clock import Clock
from monitor.application.ports.queries import Queries, ServerFilter
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.server_csv import written
from monitor.application.transactions import retried
from monitor.domain.actors import Actor
from monitor.domain.audit import entry


@dataclass(frozen=True, slots=True)
class ExportServers:
    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock

    @retried
    def __call__(self, actor: Actor) -> str:
        """Return all that *actor* may see as CSV. What leaves in bulk is on record."""
        servers = self.queries.servers.find(actor, ServerFilter())
        names = self.queries.servers.usernames({user_id for server in servers for user_id in server.user_ids})
        with self.new_uow() as uow:
            uow.audit.add(entry(actor, self.clock.now(), "server.export", f"{len(servers)} servers"))
            uow.commit()
        return written(servers, names)
