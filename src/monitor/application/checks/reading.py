"""What people read of check-ins and their pings."""

from dataclasses import dataclass

from monitor.application.checks.ports import Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.application.transactions import chunks
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.check_ins import CheckIn, CheckInState, Ping
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInFilter:
    """Conditions, all of which must hold. *text*: in the name, in any case. *after*: the last id of the page before."""

    host_id: ServerId | None = None
    state: CheckInState | None = None
    text: str | None = None
    after: int = 0
    limit: int | None = None

    def may_be(self, server: Server) -> bool:
        return (
            server.kind is Kind.CHECK_IN
            and server.id > self.after
            and self.host_id in (None, server.host_id)
            and (self.text is None or self.text.casefold() in server.name.casefold())
        )


@dataclass(frozen=True, slots=True)
class ReadCheckIns:
    queries: Queries
    fleet: Fleet
    clock: Clock

    def find(self, actor: Actor, wanted: CheckInFilter) -> list[CheckIn]:
        """Return check-ins in id order."""
        now = self.clock.now()
        ids = [check.id for check in self.fleet.visible_to(actor).checks if wanted.may_be(check)]
        found: list[CheckIn] = []
        for some in chunks(ids, AT_ONCE):
            read = self.queries.check_ins.of(some)
            found += [each for each in read if wanted.state in (None, each.state_at(now))]
            if wanted.limit is not None and len(found) >= wanted.limit:
                break
        return found[: wanted.limit]

    def get(self, actor: Actor, check_in_id: ServerId) -> CheckIn:
        """Raises NotFound, also if the actor may not see it."""
        self.fleet.visible_to(actor).get(check_in_id, Kind.CHECK_IN)
        found = self.queries.check_ins.of([check_in_id])
        if not found:
            raise NotFound
        return found[0]

    def pings(self, actor: Actor, check_in_id: ServerId, *, before: int | None, limit: int) -> list[Ping]:
        """Return pings, the newest first. Raises NotFound."""
        check_in = self.get(actor, check_in_id)
        return self.queries.check_ins.pings(check_in.id, before=before, limit=limit)
