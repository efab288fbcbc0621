from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.state import State
from monitor.application.history.ports import ScrapeQueries, Scrapes
from monitor.domain.errors import TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.scrapes import Kept, Key, Scrape


class MemoryScrapes(MemoryRepository, Scrapes):
    def take_turn(self, after: int, *, is_sure: bool = False) -> int:
        if is_sure and after != self._draft.scrape_turn:
            raise TransactionConflict("another turn was taken")
        self._draft.scrape_turn += 1  # units of work are one at a time anyway
        return self._draft.scrape_turn

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        return _around(self._draft, server_ids, first, last)

    def save(self, scrapes: Sequence[Scrape]) -> None:
        for scrape in scrapes:
            self._draft.check_server(scrape.server_id)
        self._draft.scrapes.update({(scrape.server_id, *scrape.key): scrape for scrape in scrapes})

    def save_inner(self, scrapes: Sequence[Scrape]) -> None:
        held = self._draft.scrapes
        keys = [(scrape.server_id, *scrape.key) for scrape in scrapes]
        held.update({key: replace(held[key], is_edge=False) for key in keys if key in held})

    def prune(self, before: datetime, limit: int, *, edges: bool) -> int:
        rows = self._draft.scrapes.items()
        due = [key for key, row in rows if row.is_edge is edges and row.received_at < before][:limit]
        for key in due:
            del self._draft.scrapes[key]
        return len(due)

    def delete(self, server_id: ServerId, keys: Sequence[Key]) -> None:
        for source, at in keys:
            if (server_id, source, at) in self._draft.scrapes:
                del self._draft.scrapes[server_id, source, at]


class MemoryScrapeQueries(MemoryReader, ScrapeQueries):
    def turn(self) -> int:
        return self._state.scrape_turn

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        return _around(self._state, server_ids, first, last)

    def newest(self, server_ids: Collection[ServerId]) -> dict[ServerId, int]:
        found: dict[ServerId, int] = {}
        for server_id, _, at in self._state.scrapes:
            if server_id in server_ids:
                found[server_id] = max(at, found.get(server_id, at))
        return found

    def kept(self, server_id: ServerId) -> list[Kept]:
        rows = [row for row in self._state.scrapes.values() if row.server_id == server_id]
        rows.sort(key=lambda row: (row.received_at, row.at, -row.source), reverse=True)
        return [Kept(row.key, row.is_edge, len(row.packed)) for row in rows]


def _around(state: State, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
    rows = [row for row in state.scrapes.values() if row.server_id in server_ids and first <= row.at <= last]
    return sorted(rows, key=lambda row: (row.server_id, row.source, row.at))
