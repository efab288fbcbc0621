"""The yardstick: Flask under gunicorn."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import environment
from bench.program import Program, free_port, is_up
from bench.targets.target import Spent, Target

SOURCE = Path(__file__).parent.parent / "flask_baseline"
WORKERS = 4


@dataclass(kw_only=True)
class Yardstick(Target):
    """*database_url*: address of its database."""

    database_url: str

    @property
    def database(self) -> str:
        """Return the name of its database."""
        return urlsplit(self.database_url).path.strip("/")

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"API_KEY": "k" * 40}


def start(servers: int, directory: Path, database_url: str, spent_by_database: Spent) -> Yardstick:
    """Start it on an empty database, and create tables and servers."""
    settings = {"BASELINE_DB": database_url, "BASELINE_SERVERS": str(servers)}
    subprocess.run(
        [environment.yardstick("flask"), "--app", "app", "seed"],
        cwd=SOURCE,
        env={**os.environ, **settings},
        check=True,
    )
    port = free_port()
    command = [environment.yardstick("gunicorn"), "-w", str(WORKERS), "-b", f"127.0.0.1:{port}", "app:app"]
    program = Program(command, log=directory / "yardstick.log", settings=settings, cwd=SOURCE)
    program.wait_until(lambda: is_up(f"http://127.0.0.1:{port}/api/monitor/stats"))
    return Yardstick(
        name="yardstick",
        port=port,
        servers=servers,
        program=program,
        spent_by_database=spent_by_database,
        database_url=database_url,
    )
