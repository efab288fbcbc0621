"""Of the fleet as a whole: its keys, who did what to it, and the snapshot that a process keeps."""

from itertools import islice

from monitor.adapters.memory.api_keys import is_visible
from monitor.adapters.memory.database import Database
from monitor.application.ports.queries import ApiKeyQueries, AuditQueries, FleetQueries, FleetSnapshot
from monitor.domain.actors import Actor
from monitor.domain.api_keys import ApiKey
from monitor.domain.audit import AuditEntry


class MemoryApiKeyQueries(ApiKeyQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        state = self._database.state
        keys = sorted(state.api_keys.values(), key=lambda key: key.id)
        found = (key for key in keys if key.id > (after or 0) and is_visible(key, actor, state.servers))
        return list(islice(found, limit))


class MemoryAuditQueries(AuditQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, actor: Actor, *, before: int | None, limit: int) -> list[AuditEntry]:
        actor.must_be_admin()
        newest_first = reversed(self._database.state.audit)
        return list(islice((entry for entry in newest_first if before is None or entry.id < before), limit))


class MemoryFleetQueries(FleetQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def revision(self) -> int:
        return self._database.state.revision

    def snapshot(self) -> FleetSnapshot:
        state = self._database.state
        return FleetSnapshot(
            revision=state.revision,
            servers=list(state.servers.values()),
            api_keys=list(state.api_keys.values()),
            users=dict(state.users),
            policies=[policy for _, policy in sorted(state.policies.items())],
            silences=[silence for _, silence in sorted(state.silences.items())],
            channels=[channel for _, channel in sorted(state.channels.items())],
            preferences=dict(state.preferences),
        )
