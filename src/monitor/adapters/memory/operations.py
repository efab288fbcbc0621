"""Leases, heartbeats, peer updates and preferences in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft, Lease
from monitor.application.fleet.ports import Preferences
from monitor.application.operations.ports import PeerUpdate, PeerUpdateQueries, PeerUpdates
from monitor.application.ports import Heartbeats, Leases
from monitor.domain.errors import ConstraintViolated


class MemoryPeerUpdates(PeerUpdates):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.peer_updates

    def add(self, process: str, peer_update: PeerUpdate) -> None:
        key = process, peer_update.number
        if key in self._rows:
            raise ConstraintViolated("there is a peer update with that number")
        self._rows[key] = peer_update._replace(heard=tuple(peer_update.heard))

    def remove(self, process: str, before: int | None = None) -> None:
        for key in [key for key in self._rows if key[0] == process and (before is None or key[1] < before)]:
            del self._rows[key]


class MemoryPeerUpdateQueries(PeerUpdateQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, but: str) -> dict[str, int]:
        keys = sorted(self._database.state.peer_updates)
        return {process: number for process, number in keys if process != but}

    def between(self, process: str, after: int, until: int) -> list[PeerUpdate]:
        peer_updates = self._database.state.peer_updates
        return [
            held for key, held in sorted(peer_updates.items()) if key[0] == process and after < held.number <= until
        ]


class MemoryHeartbeats(Heartbeats):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.heartbeats

    def beat(self, process: str) -> None:
        self._rows[process] = self._rows.get(process, 0) + 1

    def numbers(self) -> dict[str, int]:
        return dict(self._rows.items())

    def end(self, process: str, at: int | None = None) -> bool:
        if process not in self._rows or at not in (None, self._rows[process]):
            return False
        del self._rows[process]
        return True


class MemoryLeases(Leases):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.leases

    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        held = self._rows.get(name)
        if held is None:
            token = 1
        elif held.holder == holder:
            token = held.token
        elif held.expires_at <= now:
            token = held.token + 1
        else:
            return None
        self._rows[name] = Lease(holder=holder, token=token, expires_at=now + ttl)
        return token

    def free(self, holder: str) -> None:
        for name, held in [*self._rows.items()]:
            if held.holder == holder:
                self._rows[name] = replace(held, holder="", expires_at=datetime.min.replace(tzinfo=UTC))


class MemoryPreferences(Preferences):
    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def all(self) -> dict[str, float]:
        return dict(self._draft.preferences)

    def save(self, values: Mapping[str, float]) -> None:
        self._draft.preferences.update(values)
        self._draft.fleet_changed |= bool(values)
