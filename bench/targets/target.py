"""A system that can be put under load."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import gets, wrk
from bench.program import Program

LEAST = 3
"""Responses that a figure needs. A slow system gets more time for them."""
Spent = Callable[[], float]
"""CPU seconds so far."""


@dataclass(kw_only=True)
class Target(ABC):
    """*spent_by_database*: 0 if the database is part of the process."""

    name: str
    port: int
    servers: int
    program: Program
    spent_by_database: Spent = lambda: 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    @abstractmethod
    def secrets(self) -> Mapping[str, str]:
        """Return the credentials for the load scripts."""

    def load(self, script: str, *, path: str = "", connections: int, seconds: float) -> dict[str, Any]:
        """Measure one round.

        *per_cpu_second*: requests per CPU second of the server; *per_cpu_second_all*: of server and database.
        """
        environment = {"N_SERVERS": str(self.servers), **self.secrets}
        own, databases = self.program.cpu_seconds(), self.spent_by_database()
        found = wrk.run(self.url + path, script, connections=connections, seconds=seconds, environment=environment)
        own, databases = self.program.cpu_seconds() - own, self.spent_by_database() - databases
        if found.refused or found.broken:
            raise RuntimeError(f"{self.name} refused {found.refused} requests and broke {found.broken} connections")
        if found.requests < LEAST:
            return self.load(script, path=path, connections=connections, seconds=3 * seconds)
        answered = found.requests
        return found.as_json() | {
            "cpu_seconds": own,
            "database_cpu_seconds": databases,
            "per_cpu_second": answered / max(own, 1e-9),
            "per_cpu_second_all": answered / max(own + databases, 1e-9),
        }

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers of GET requests."""
        return {}

    def ask(self, paths: Sequence[str], *, seconds: float) -> dict[str, Any]:
        """Measure one round of GET requests one after the other, as from one user."""
        own = self.program.cpu_seconds()
        found = gets.ask(self.port, paths, self.headers, seconds)
        return found | {"cpu_seconds": self.program.cpu_seconds() - own}
