"""Leases, heartbeats, epochs and peer updates in memory."""

from datetime import UTC, datetime, timedelta

from monitor.adapters.memory.parts import MemoryPart
from monitor.adapters.memory.state import Lease
from monitor.application import ports as common
from monitor.application.operations import ports
from monitor.application.operations.ports import PeerUpdate, Process, Report, StoreState
from monitor.domain.errors import ConstraintViolated
from monitor.domain.intake.epochs import EpochMark

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class MemoryPeerUpdates(MemoryPart, ports.PeerUpdates):
    def add(self, process: str, peer_update: PeerUpdate) -> None:
        key = process, peer_update.number
        if key in self._state.peer_updates:
            raise ConstraintViolated("there is a peer update with that number")
        self._state.peer_updates[key] = peer_update._replace(heard=tuple(peer_update.heard))

    def remove(self, process: str, before: int | None = None) -> None:
        keys = [key for key in self._state.peer_updates if key[0] == process and (before is None or key[1] < before)]
        self._state.peer_updates.delete(*keys)


class MemoryPeerUpdateQueries(MemoryPart, ports.PeerUpdateQueries):
    def newest(self, but: str) -> dict[str, int]:
        return {process: number for process, number in sorted(self._state.peer_updates) if process != but}

    def between(self, process: str, after: int, until: int) -> list[PeerUpdate]:
        held = sorted(self._state.peer_updates.items())
        return [update for (of, number), update in held if of == process and after < number <= until]


class MemoryHeartbeats(MemoryPart, common.Heartbeats):
    def beat(self, process: str) -> None:
        self._state.heartbeats[process] = self._state.heartbeats.get(process, 0) + 1

    def numbers(self) -> dict[str, int]:
        return dict(self._state.heartbeats)

    def end(self, process: str, at: int | None = None) -> bool:
        return at in (None, self._state.heartbeats.get(process)) and self._state.heartbeats.delete(process) > 0


class MemoryProcessReports(MemoryPart, ports.ProcessReports):
    def save(self, process: str, at: datetime, report: Report) -> None:
        if process in self._state.heartbeats:
            self._state.process_reports[process] = at, report


class MemoryClusterQueries(MemoryPart, ports.ClusterQueries):
    def processes(self, now: datetime) -> list[Process]:
        state = self._state
        held = sorted((lease.holder, name) for name, lease in state.leases.items() if lease.expires_at > now)
        found = []
        for process in sorted(state.heartbeats):
            at, report = state.process_reports.get(process, (None, None))
            found.append(Process(process, at, report, tuple(name for holder, name in held if holder == process)))
        return found

    def store(self) -> StoreState:
        return StoreState(kind="memory", version="", address="", can_write=True)

    def sessions(self, now: datetime) -> int:
        return len(self._state.sessions.where(lambda session: session.expires_at > now))


class MemoryEpochs(MemoryPart, common.Epochs):
    def get(self) -> EpochMark | None:
        return self._state.epochs.get(1)

    def put(self, mark: EpochMark) -> None:
        self._state.epochs[1] = mark

    def server(self) -> str:
        return ""


class MemoryLeases(MemoryPart, common.Leases):
    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        held = self._state.leases.get(name, Lease("", 0, _LONG_AGO))
        if held.holder != holder and held.expires_at > now:
            return None
        token = held.token if held.holder == holder else held.token + 1
        self._state.leases[name] = Lease(holder, token, now + ttl)
        return token

    def free(self, holder: str) -> None:
        for name, held in list(self._state.leases.items()):
            if held.holder == holder:
                self._state.leases.amend(name, holder="", expires_at=_LONG_AGO)
