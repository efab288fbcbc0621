from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.fleet import MemoryServers
from monitor.adapters.memory.state import Claim, State
from monitor.application.checks.ports import CheckFilter, CheckQueries, Checks
from monitor.application.notifications.ports import NotifiedCheck
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import Check, Result, StoredCheck
from monitor.domain.checks.schedule import DueCheck, after_run, due_again, is_too_far, lease_bounds, leased_until, plan
from monitor.domain.checks.targets import without_secrets
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId


def _read(state: State, check_id: ServerId) -> StoredCheck:
    """Return it with the host that it has now. Raises NotFound."""
    stored, host_id = state.checks.found(check_id, "check"), state.servers[check_id].host_id
    return replace(stored, check=replace(stored.check, host_id=host_id))


class MemoryChecks(MemoryRepository, Checks):
    def count(self) -> int:
        return len(self._draft.checks)

    def add(self, check: Check, ip_address: str, due_at: datetime) -> Check:
        self._draft.check_server(check.host_id)
        check = replace(check, id=MemoryServers(self._draft).add(check.as_server(ip_address)).id)
        self._draft.checks[check.id] = StoredCheck(check=check, due_at=due_at)
        return check

    def get(self, check_id: ServerId) -> StoredCheck:
        return _read(self._draft, check_id)

    def save(self, stored: StoredCheck) -> None:
        check = stored.check
        self._draft.checks.found(check.id, "check")
        self._draft.check_server(check.host_id)
        self._draft.checks[check.id] = stored
        self._draft.check_leases.pop(check.id, None)
        self._draft.servers[check.id] = check.as_server(self._draft.servers[check.id].ip_address)
        self._draft.fleet_changed = True

    def claim(self, now: datetime, holder: str, *, most: int, most_failing: int) -> list[StoredCheck]:
        waiting = [
            DueCheck(check_id, stored.due_at, stored.check.interval, stored.check.timeout, stored.status.failures > 0)
            for check_id, stored in self._draft.checks.items()
            if stored.due_at <= now and not self._is_leased(check_id, now)
        ]
        waiting.sort(key=lambda check: (check.due_at, check.id))
        chosen = plan(waiting, now, most, most_failing)
        for check_id, due_at in chosen.due.items():
            self._draft.checks[check_id] = replace(self._draft.checks[check_id], due_at=due_at)
        for check in chosen.runs:
            self._lease(check.id, now, check.timeout, holder)
        return [_read(self._draft, check.id) for check in chosen.runs]

    def bring_forward(self, now: datetime) -> None:
        for check_id, stored in self._draft.checks.items():
            interval = stored.check.interval
            if is_too_far(stored.due_at, interval, now):
                self._draft.checks[check_id] = replace(stored, due_at=due_again(check_id, interval, now))

    def claim_one(self, check_id: ServerId, now: datetime, holder: str) -> bool:
        stored = self._draft.checks.found(check_id, "check")
        if self._is_leased(check_id, now):
            return False
        due_at = after_run(check_id, stored.check.interval, now)
        self._draft.checks[check_id] = replace(stored, due_at=due_at)
        self._lease(check_id, now, stored.check.timeout, holder)
        return True

    def _is_leased(self, check_id: ServerId, now: datetime) -> bool:
        lease = self._draft.check_leases.get(check_id)
        after, until = lease_bounds(now)
        return lease is not None and after < lease.leased_until <= until

    def _lease(self, check_id: ServerId, now: datetime, timeout: float, holder: str) -> None:
        self._draft.check_leases[check_id] = Claim(holder=holder, leased_until=leased_until(now, timeout))

    def record(self, results: Sequence[tuple[Check, Result]], holder: str) -> list[tuple[Check, Result]]:
        recorded: list[tuple[Check, Result]] = []
        for ran, result in results:
            lease = self._draft.check_leases.get(ran.id)
            if lease is None or lease.holder != holder:
                continue
            stored = _read(self._draft, ran.id)
            if stored.check.asks_like(ran):
                del self._draft.check_leases[ran.id]
                self._draft.checks[ran.id] = replace(self._draft.checks[ran.id], status=stored.after(result))
                recorded.append((stored.check, result))
        return recorded

    def free(self, holder: str) -> None:
        self._draft.check_leases.remove(lambda _, lease: lease.holder == holder)


class MemoryCheckQueries(MemoryReader, CheckQueries):
    def find(self, actor: Actor, wanted: CheckFilter) -> list[StoredCheck]:
        state = self._state
        seen = (_read(state, check_id) for check_id in sorted(state.checks) if state.watches(check_id, actor))
        return list(islice((stored for stored in seen if fits(stored, wanted)), wanted.limit))

    def get(self, actor: Actor, check_id: ServerId) -> StoredCheck:
        state = self._state
        if not state.watches(check_id, actor):
            raise NotFound(f"no check {check_id}")
        return _read(state, check_id)

    def for_message(self, ids: Collection[ServerId]) -> dict[ServerId, NotifiedCheck]:
        found = {check_id: stored for check_id in ids if (stored := self._state.checks.get(check_id)) is not None}
        return {check_id: _notified(stored) for check_id, stored in found.items()}


def _notified(stored: StoredCheck) -> NotifiedCheck:
    failed = stored.status.failed
    return NotifiedCheck(without_secrets(stored.check.target), "" if failed is None else failed.error)


def fits(stored: StoredCheck, wanted: CheckFilter) -> bool:
    check, status = stored.check, stored.status
    return (
        (wanted.after is None or check.id > wanted.after)
        and wanted.host_id in (None, check.host_id)
        and wanted.kind in (None, check.kind)
        and wanted.state in (None, status.state)
        and (wanted.up is None or (status.last is not None and status.last.up is wanted.up))
        and (wanted.text is None or check.mentions(wanted.text))
    )
