"""The product as shipped, with authentication, validation, alerts and audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench import environment
from bench.program import Program, free_port, is_up
from bench.targets.target import Spent, Target

PASSWORD = "measured twice, cut once"  # noqa: S105 (guards a database that lives for minutes)


@dataclass(kw_only=True)
class Product(Target):
    started_after: float
    """Seconds to its first response."""
    database_url: str
    token: str = field(default="", repr=False)
    key: str = field(default="", repr=False)

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"API_KEY": self.key, "TOKEN": self.token}

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def call(self, method: str, path: str, **sent: Any) -> Any:
        """Return the response's data for the administrator. Raises unless it is a success."""
        headers = {**self.headers, **sent.pop("headers", {})}
        answer = httpx.request(method, self.url + path, headers=headers, timeout=60, **sent)
        answer.raise_for_status()
        return answer.json()["data"]

    def log_in(self) -> None:
        """Get a new token. Call before each round: a token lasts 15 minutes."""
        body = {"username": "admin", "password": PASSWORD}
        self.token = self.call("POST", "/api/auth/login", json=body)["token"]

    def register(self) -> None:
        """Create its servers, from 10.0.0.0 upward, and a key for all of them."""
        lines = (f"srv{i},{address(i)},22,," for i in range(self.servers))
        csv = "\n".join(["server_name,ip_address,port,tags,users", *lines]) + "\n"
        self.call("POST", "/api/servers/import", content=csv, headers={"Content-Type": "text/csv"})
        self.key = self.call("POST", "/api/api-keys", json={"name": "bench", "server_id": None})["key"]


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def settings_for(database_url: str) -> dict[str, str]:
    """Return the settings of the product's commands for a database."""
    return {
        "DATABASE_URL": database_url,
        "MONITOR_ADMIN_PASSWORD": PASSWORD,
        "MONITOR_ALLOWED_DESTINATIONS": "127.0.0.0/8",  # of checks
    }


def launch(database_url: str, directory: Path, port: int) -> tuple[Program, float]:
    """Start the server. Returns it and the seconds to its first response."""
    command = [environment.product(), "-m", "monitor", "serve", "--migrate"]
    command += ["--port", str(port), "--data-dir", str(directory)]
    program = Program(command, log=directory / "product.log", settings=settings_for(database_url))
    return program, program.wait_until(lambda: is_up(f"http://127.0.0.1:{port}/healthz"))


def start(servers: int, directory: Path, database_url: str, spent_by_database: Spent) -> Product:
    """Start it on an empty database and create servers and a key. 0 *servers*: on a database that is filled."""
    port = free_port()
    program, started_after = launch(database_url, directory, port)
    product = Product(
        name="monitor",
        port=port,
        servers=servers,
        program=program,
        spent_by_database=spent_by_database,
        started_after=started_after,
        database_url=database_url,
    )
    try:
        product.log_in()
        if servers:
            product.register()
    except Exception:
        program.stop()
        raise
    return product
