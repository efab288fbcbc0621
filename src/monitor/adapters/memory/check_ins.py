"""Check-ins and their pings in memory. A row holds name and server too; those among the servers count."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.state import State
from monitor.application.checks.check_in_ports import CheckInQueries, CheckIns
from monitor.domain.checks.check_ins import MAX_PINGS_KEPT, CheckIn, CheckInState, Ping, PingKind
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId


class MemoryCheckIns(MemoryRepository, CheckIns):
    def add(self, check_in: CheckIn) -> None:
        self._draft.check_server(check_in.id)
        self._draft.check_ins[check_in.id] = check_in
        self._draft.check_in_ids[check_in.ping_key] = check_in.id
        self._draft.check_in_pings[check_in.id] = ()

    def count(self) -> int:
        return len(self._draft.check_ins)

    def get(self, check_in_id: ServerId) -> CheckIn:
        return _with_server(self._draft, self._draft.check_ins.found(check_in_id, "check-in"))

    def get_many(self, ids: Collection[ServerId]) -> list[CheckIn]:
        return _found(self._draft, ids)

    def by_keys(self, ping_keys: Collection[str]) -> dict[str, CheckIn]:
        ids = self._draft.check_in_ids
        return {key: self.get(ids[key]) for key in ping_keys if key in ids}

    def save(self, check_ins: Collection[CheckIn]) -> None:
        for check_in in check_ins:
            if (before := self._draft.check_ins.get(check_in.id)) is not None:
                self._draft.check_ins[check_in.id] = replace(check_in, ping_key=before.ping_key)

    def rename(self, check_in: CheckIn) -> None:
        server = self._draft.servers.found(check_in.id, "check-in")
        self._draft.servers[server.id] = replace(server, name=check_in.name, host_id=check_in.host_id)
        self._draft.fleet_changed = True

    def note(self, pings: Sequence[tuple[ServerId, Ping]]) -> None:
        for check_in_id, ping in pings:
            kept = self._draft.check_in_pings.found(check_in_id, "check-in")
            self._draft.check_in_pings[check_in_id] = (*kept, ping)[-MAX_PINGS_KEPT:]

    def last_failure(self, check_in_id: ServerId) -> Ping | None:
        pings = self._draft.check_in_pings.get(check_in_id, ())
        return next((ping for ping in reversed(pings) if ping.kind is PingKind.FAIL), None)


class MemoryCheckInQueries(MemoryReader, CheckInQueries):
    def of(self, ids: Collection[ServerId]) -> list[CheckIn]:
        return _found(self._state, ids)

    def ping_keys(self) -> list[str]:
        return [*self._state.check_in_ids]

    def pings(self, check_in_id: ServerId, *, before: int | None, limit: int) -> list[Ping]:
        pings = self._state.check_in_pings.get(check_in_id, ())
        return [ping for ping in reversed(pings) if before is None or ping.number < before][:limit]

    def overdue(self, now: datetime) -> dict[ServerId, datetime]:
        is_up = [each for each in self._state.check_ins.values() if each.state is CheckInState.UP]
        return {each.id: each.due_at for each in is_up if each.due_at and each.down_at and each.down_at <= now}

    def down(self) -> set[ServerId]:
        return {each.id for each in self._state.check_ins.values() if each.state is CheckInState.DOWN}

    def failed(self) -> set[ServerId]:
        return {each.id for each in self._state.check_ins.values() if each.failure_is_new}


def _found(state: State, ids: Collection[ServerId]) -> list[CheckIn]:
    return [_with_server(state, state.check_ins[each]) for each in sorted(ids) if each in state.check_ins]


def _with_server(state: State, check_in: CheckIn) -> CheckIn:
    server = state.servers.get(check_in.id)
    if server is None:
        raise NotFound("the check-in was deleted")
    return replace(check_in, name=server.name, host_id=server.host_id)
