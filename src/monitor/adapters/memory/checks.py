"""Checks, check-ins and their pings in memory. Names and hosts are those of their rows among the servers."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from monitor.adapters.memory.fleet import MemoryServers
from monitor.adapters.memory.parts import MemoryPart, fits, removing
from monitor.adapters.memory.state import Claim, State
from monitor.application.checks.ports import CheckFilter, CheckInQueries, CheckIns, CheckQueries, Checks
from monitor.application.notifications.ports import NotifiedCheck
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.check_ins import MAX_PINGS_KEPT, CheckIn, CheckInState, Ping, PingKind
from monitor.domain.checks.checks import Check, Result, StoredCheck
from monitor.domain.checks.schedule import (
    MISSED_AFTER,
    DueCheck,
    after_run,
    due_again,
    is_too_far,
    lease_bounds,
    leased_until,
    plan,
)
from monitor.domain.checks.targets import without_secrets
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId


def _read(state: State, check_id: ServerId) -> StoredCheck:
    """Return it with the host that it has now. Raises NotFound."""
    stored, host_id = state.checks.found(check_id), state.servers[check_id].host_id
    return replace(stored, check=replace(stored.check, host_id=host_id))


class MemoryChecks(MemoryPart, Checks):
    name = "check_leases"
    free = removing(lambda lease, holder: lease.holder == holder)

    def count(self) -> int:
        return len(self._state.checks)

    def add(self, check: Check, ip_address: str, due_at: datetime) -> Check:
        check = replace(check, id=MemoryServers(self._source).add(check.as_server(ip_address)).id)
        self._state.checks.put(StoredCheck(check=check, due_at=due_at))
        return check

    def get(self, check_id: ServerId) -> StoredCheck:
        return _read(self._state, check_id)

    def save(self, stored: StoredCheck) -> None:
        check = stored.check
        self._state.checks.save(stored)
        self._state.check_leases.delete(check.id)
        held = self._state.servers[check.id]
        self._state.servers.put(replace(check.as_server(held.ip_address), depends_on=held.depends_on))

    def claim(
        self, now: datetime, holder: str, *, most: int, most_failing: int, missed_after: timedelta = MISSED_AFTER
    ) -> list[StoredCheck]:
        waiting = [
            DueCheck(check_id, stored.due_at, stored.check.interval, stored.check.timeout, stored.status.failures > 0)
            for check_id, stored in self._state.checks.items()
            if stored.due_at <= now and not stored.check.paused and not self._is_leased(check_id, now)
        ]
        waiting.sort(key=lambda check: (check.due_at, check.id))
        chosen = plan(waiting, now, most, most_failing, missed_after)
        for check_id, due_at in chosen.due.items():
            self._state.checks.amend(check_id, due_at=due_at)
        for check in chosen.runs:
            self._lease(check.id, now, check.timeout, holder)
        return [_read(self._state, check.id) for check in chosen.runs]

    def bring_forward(self, now: datetime) -> None:
        for check_id, stored in list(self._state.checks.items()):
            if is_too_far(stored.due_at, interval := stored.check.interval, now):
                self._state.checks.amend(check_id, due_at=due_again(check_id, interval, now))

    def claim_one(self, check_id: ServerId, now: datetime, holder: str) -> bool:
        check = self._state.checks.found(check_id).check
        if self._is_leased(check_id, now):
            return False
        self._state.checks.amend(check_id, due_at=after_run(check_id, check.interval, now))
        self._lease(check_id, now, check.timeout, holder)
        return True

    def _is_leased(self, check_id: ServerId, now: datetime) -> bool:
        lease = self._state.check_leases.get(check_id)
        after, until = lease_bounds(now)
        return lease is not None and after < lease.until <= until

    def _lease(self, check_id: ServerId, now: datetime, timeout: float, holder: str) -> None:
        self._state.check_leases.put(Claim(check_id, holder, leased_until(now, timeout)))

    def record(self, results: Sequence[tuple[Check, Result]], holder: str) -> list[tuple[Check, Result]]:
        recorded: list[tuple[Check, Result]] = []
        for ran, result in results:
            lease = self._state.check_leases.get(ran.id)
            if lease is None or lease.holder != holder:
                continue
            stored = _read(self._state, ran.id)
            if stored.check.asks_like(ran):
                self._state.check_leases.delete(ran.id)
                self._state.checks.amend(ran.id, status=stored.after(result))
                recorded.append((stored.check, result))
        return recorded

    def reencrypt(self) -> None:
        """Nothing is encrypted in memory."""


class MemoryCheckQueries(MemoryPart, CheckQueries):
    def find(self, actor: Actor, wanted: CheckFilter) -> list[StoredCheck]:
        state = self._state
        seen = (_read(state, check_id) for check_id in sorted(state.checks) if state.watches(check_id, actor))
        later = [each for each in seen if wanted.after is None or wanted.place(each) > (*wanted.after,)]
        return list(islice((each for each in sorted(later, key=wanted.place) if _fits(each, wanted)), wanted.limit))

    def get(self, actor: Actor, check_id: ServerId) -> StoredCheck:
        state = self._state
        if not state.watches(check_id, actor):
            raise NotFound(f"no check {check_id}")
        return _read(state, check_id)

    def for_message(self, ids: Collection[ServerId]) -> dict[ServerId, NotifiedCheck]:
        found = [(stored.check, stored.status.failed) for stored in self._state.checks.of(ids)]
        return {
            check.id: NotifiedCheck(without_secrets(check.target), "" if failed is None else failed.error)
            for check, failed in found
        }


def _fits(stored: StoredCheck, wanted: CheckFilter) -> bool:
    check, status = stored.check, stored.status
    return (
        fits(check, wanted, "host_id", "kind")
        and fits(stored, wanted, "state")
        and (wanted.up is None or (status.last is not None and status.last.up is wanted.up))
        and (wanted.text is None or check.mentions(wanted.text))
    )


class MemoryCheckIns(MemoryPart, CheckIns):
    def add(self, check_in: CheckIn) -> None:
        self._state.check_ins.put(check_in)
        self._state.pings[check_in.id] = ()

    def count(self) -> int:
        return len(self._state.check_ins)

    def get(self, check_in_id: ServerId) -> CheckIn:
        return _with_server(self._state, self._state.check_ins.found(check_in_id))

    def get_many(self, ids: Collection[ServerId]) -> list[CheckIn]:
        return _found(self._state, ids)

    def by_keys(self, ping_keys: Collection[str]) -> dict[str, CheckIn]:
        found = ((key, self._state.check_ins.by(key)) for key in ping_keys)
        return {key: _with_server(self._state, check_in) for key, check_in in found if check_in is not None}

    def save(self, check_ins: Collection[CheckIn]) -> None:
        for check_in in check_ins:
            if (before := self._state.check_ins.get(check_in.id)) is not None:
                self._state.check_ins.put(replace(check_in, ping_key=before.ping_key))

    def rename(self, check_in: CheckIn) -> None:
        self._state.check_ins.found(check_in.id)
        self._state.servers.amend(check_in.id, name=check_in.name, host_id=check_in.host_id)

    def note(self, pings: Sequence[tuple[ServerId, Ping]]) -> None:
        for check_in_id, ping in pings:
            self._state.pings[check_in_id] = (*self._state.pings.found(check_in_id), ping)[-MAX_PINGS_KEPT:]

    def last_failure(self, check_in_id: ServerId) -> Ping | None:
        pings = self._state.pings.get(check_in_id, ())
        return next((ping for ping in reversed(pings) if ping.kind is PingKind.FAIL), None)


class MemoryCheckInQueries(MemoryPart, CheckInQueries):
    def of(self, ids: Collection[ServerId]) -> list[CheckIn]:
        return _found(self._state, ids)

    def ping_keys(self) -> list[str]:
        return [check_in.ping_key for check_in in self._state.check_ins.values()]

    def pings(self, check_in_id: ServerId, *, before: int | None, limit: int) -> list[Ping]:
        pings = self._state.pings.get(check_in_id, ())
        return [ping for ping in reversed(pings) if before is None or ping.number < before][:limit]

    def overdue(self, now: datetime) -> dict[ServerId, datetime]:
        is_up = self._state.check_ins.where(lambda each: each.state is CheckInState.UP)
        return {each.id: each.due_at for each in is_up if each.due_at and each.down_at and each.down_at <= now}

    def down(self) -> dict[ServerId, bool]:
        is_down = self._state.check_ins.where(lambda each: each.state is CheckInState.DOWN or each.failure_is_new)
        return {each.id: each.failure_is_new for each in is_down}


def _found(state: State, ids: Collection[ServerId]) -> list[CheckIn]:
    return [_with_server(state, check_in) for check_in in state.check_ins.of(ids)]


def _with_server(state: State, check_in: CheckIn) -> CheckIn:
    server = state.servers[check_in.id]
    return replace(check_in, name=server.name, host_id=server.host_id)
