"""Leases, heartbeats, epochs, peer updates and preferences in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.state import Lease
from monitor.application.fleet.ports import Preferences
from monitor.application.operations.cluster import ClusterQueries, Process, ProcessReports, Report, StoreState
from monitor.application.operations.ports import PeerUpdate, PeerUpdateQueries, PeerUpdates
from monitor.application.ports import Epochs, Heartbeats, Leases
from monitor.domain.errors import ConstraintViolated
from monitor.domain.intake.epochs import EpochMark


class MemoryPeerUpdates(MemoryRepository, PeerUpdates):
    def add(self, process: str, peer_update: PeerUpdate) -> None:
        key = process, peer_update.number
        if key in self._draft.peer_updates:
            raise ConstraintViolated("there is a peer update with that number")
        self._draft.peer_updates[key] = peer_update._replace(heard=tuple(peer_update.heard))

    def remove(self, process: str, before: int | None = None) -> None:
        self._draft.peer_updates.remove(lambda key, _: key[0] == process and (before is None or key[1] < before))


class MemoryPeerUpdateQueries(MemoryReader, PeerUpdateQueries):
    def newest(self, but: str) -> dict[str, int]:
        keys = sorted(self._state.peer_updates)
        return {process: number for process, number in keys if process != but}

    def between(self, process: str, after: int, until: int) -> list[PeerUpdate]:
        peer_updates = self._state.peer_updates
        return [
            held for key, held in sorted(peer_updates.items()) if key[0] == process and after < held.number <= until
        ]


class MemoryHeartbeats(MemoryRepository, Heartbeats):
    def beat(self, process: str) -> None:
        self._draft.heartbeats[process] = self._draft.heartbeats.get(process, 0) + 1

    def numbers(self) -> dict[str, int]:
        return dict(self._draft.heartbeats)

    def end(self, process: str, at: int | None = None) -> bool:
        if process not in self._draft.heartbeats or at not in (None, self._draft.heartbeats[process]):
            return False
        del self._draft.heartbeats[process]
        self._draft.process_reports.pop(process, None)
        return True


class MemoryProcessReports(MemoryRepository, ProcessReports):
    def save(self, process: str, at: datetime, report: Report) -> None:
        if process in self._draft.heartbeats:
            self._draft.process_reports[process] = at, report


class MemoryClusterQueries(MemoryReader, ClusterQueries):
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


class MemoryEpochs(MemoryRepository, Epochs):
    def get(self) -> EpochMark | None:
        return self._draft.epochs.get(1)

    def put(self, mark: EpochMark) -> None:
        self._draft.epochs[1] = mark

    def server(self) -> str:
        return ""


class MemoryLeases(MemoryRepository, Leases):
    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        held = self._draft.leases.get(name)
        if held is None:
            token = 1
        elif held.holder == holder:
            token = held.token
        elif held.expires_at <= now:
            token = held.token + 1
        else:
            return None
        self._draft.leases[name] = Lease(holder=holder, token=token, expires_at=now + ttl)
        return token

    def free(self, holder: str) -> None:
        long_ago = datetime.min.replace(tzinfo=UTC)
        self._draft.leases.change(lambda held: held.holder == holder, holder="", expires_at=long_ago)


class MemoryPreferences(MemoryRepository, Preferences):
    def all(self) -> dict[str, float | str]:
        return dict(self._draft.preferences)

    def save(self, values: Mapping[str, float | str]) -> None:
        self._draft.preferences.update(values)
        self._draft.fleet_changed |= bool(values)
