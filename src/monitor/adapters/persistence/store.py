from collections.abc import Callable

from sqlalchemy import make_url

from monitor.adapters.persistence.engine import create_engine
from monitor.adapters.persistence.queries import SqlQueries
from monitor.adapters.persistence.unit_of_work import SqlUnitOfWork
from monitor.application.ports.cipher import NO_KEY, Cipher
from monitor.application.ports.store import Store


class SqlStore(Store):
    """One pool of connections for everything a process does. On MySQL one of them is the intake's own."""

    def __init__(self, url: str, *, pool_size: int, cipher: Cipher = NO_KEY) -> None:
        if make_url(url).get_backend_name() == "sqlite":  # all writers of a process take turns, in one engine
            self._engine = self._intake_engine = create_engine(url, pool_size=pool_size)
        else:
            self._engine = create_engine(url, pool_size=pool_size - 1)
            self._intake_engine = create_engine(url, pool_size=1, pipelines=True)
        self._cipher = cipher
        self.queries = SqlQueries(self._engine, cipher)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._engine, on_fleet_change, self._cipher)

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._intake_engine, on_fleet_change, self._cipher)

    def close(self) -> None:
        self._engine.dispose()
        self._intake_engine.dispose()
