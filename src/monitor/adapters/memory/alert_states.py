from collections.abc import Collection, Sequence
from secrets import randbelow

from monitor.adapters.memory.state import Draft
from monitor.application.ports.alert_states import AlertStates, StoredState
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.servers import ServerId

_HIGHEST_FIRST = 2**30


class MemoryAlertStates(AlertStates):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.alert_states
        self._servers = draft.servers

    def all(self) -> list[StoredState]:
        return list(self._rows.values())

    def of_servers(self, server_ids: Collection[ServerId]) -> list[StoredState]:
        wanted = set(server_ids)
        return [stored for stored in self._rows.values() if stored.server_id in wanted]

    def save(self, states: Sequence[StoredState], ended: Sequence[StoredState] = ()) -> list[StoredState]:
        self.delete(ended)
        return [self._save(stored) for stored in states]

    def delete(self, states: Sequence[StoredState]) -> None:
        for stored in states:
            self._check_version(stored)
            del self._rows[stored.server_id, stored.metric]

    def _save(self, stored: StoredState) -> StoredState:
        if stored.server_id not in self._servers:
            raise ConstraintViolated("the server is gone") if stored.version == 0 else TransactionConflict
        self._check_version(stored)
        # A first one is drawn, so that nobody takes a row made anew for the one that they remember.
        stored = stored._replace(version=stored.version + 1 if stored.version else 1 + randbelow(_HIGHEST_FIRST))
        self._rows[stored.server_id, stored.metric] = stored
        return stored

    def _check_version(self, stored: StoredState) -> None:
        held = self._rows.get((stored.server_id, stored.metric))
        if (held.version if held is not None else 0) != stored.version:
            raise TransactionConflict
