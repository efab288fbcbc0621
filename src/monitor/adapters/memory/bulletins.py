from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.bulletins import Bulletin, BulletinQueries, Bulletins
from monitor.domain.errors import ConstraintViolated


class MemoryBulletins(Bulletins):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.bulletins

    def add(self, process: str, bulletin: Bulletin) -> None:
        key = process, bulletin.number
        if key in self._rows:
            raise ConstraintViolated("there is a bulletin with that number")
        self._rows[key] = bulletin._replace(heard=tuple(bulletin.heard))

    def remove(self, process: str, before: int | None = None) -> None:
        for key in [key for key in self._rows if key[0] == process and (before is None or key[1] < before)]:
            del self._rows[key]


class MemoryBulletinQueries(BulletinQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, but: str) -> dict[str, int]:
        keys = sorted(self._database.state.bulletins)
        return {process: number for process, number in keys if process != but}

    def between(self, process: str, after: int, until: int) -> list[Bulletin]:
        bulletins = self._database.state.bulletins
        return [held for key, held in sorted(bulletins.items()) if key[0] == process and after < held.number <= until]
