from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.adapters.memory.database import MemoryRepository
from monitor.application.history.ports import Scrapes
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.scrapes import Scrape


class MemoryScrapes(MemoryRepository, Scrapes):
    def take_turn(self) -> None:
        """Units of work are one at a time anyway."""

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        rows = [row for row in self._draft.scrapes.values() if row.server_id in server_ids and first <= row.at <= last]
        return sorted(rows, key=lambda row: (row.server_id, row.source, row.at))

    def save(self, scrapes: Sequence[Scrape]) -> None:
        for scrape in scrapes:
            self._draft.check_server(scrape.server_id)
        self._draft.scrapes.update({(scrape.server_id, *scrape.key): scrape for scrape in scrapes})

    def prune(self, before: datetime, limit: int, *, edges: bool) -> int:
        rows = self._draft.scrapes.items()
        due = [key for key, row in rows if row.is_edge is edges and row.received_at < before][:limit]
        for key in due:
            del self._draft.scrapes[key]
        return len(due)
