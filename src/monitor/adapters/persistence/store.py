from collections.abc import Callable

from monitor.adapters.persistence.engine import create_engine
from monitor.adapters.persistence.queries import SqlQueries
from monitor.adapters.persistence.unit_of_work import SqlUnitOfWork
from monitor.application.ports.cipher import NO_KEY, Cipher
from monitor.application.ports.store import Store


class SqlStore(Store):
    """One engine, and with it one pool of connections, for everything a process does."""

    def __init__(self, url: str, *, pool_size: int, cipher: Cipher = NO_KEY) -> None:
        self._engine = create_engine(url, pool_size=pool_size)
        self._cipher = cipher
        self.queries = SqlQueries(self._engine, cipher)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._engine, on_fleet_change, self._cipher)

    def close(self) -> None:
        self._engine.dispose()
