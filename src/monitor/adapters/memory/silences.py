from collections.abc import Iterable
from dataclasses import replace

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.silences import Silences
from monitor.domain.actors import Actor
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.servers import Server
from monitor.domain.silences import Silence, SilenceId


class MemorySilences(Silences):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, silence: Silence) -> Silence:
        if silence.scope.server_id is not None and silence.scope.server_id not in self._draft.servers:
            raise ConstraintViolated("the server is gone")
        silence = replace(silence, id=SilenceId(self._database.next_id("silences")))
        self._draft.silences[silence.id] = silence
        self._draft.fleet_changed = True
        return silence

    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        silence = self._draft.silences.get(silence_id)
        if silence is None or not _is_visible(silence, visible_to, self._draft.servers.values()):
            raise NotFound(f"no silence {silence_id}")
        return silence

    def delete(self, silence_id: SilenceId) -> None:
        if self._draft.silences.pop(silence_id, None) is not None:
            self._draft.fleet_changed = True

    def all(self) -> list[Silence]:
        return [silence for _, silence in sorted(self._draft.silences.items())]


def _is_visible(silence: Silence, actor: Actor, servers: Iterable[Server]) -> bool:
    return actor.is_admin or any(s.is_visible_to(actor) and silence.scope.covers(s) for s in servers)
