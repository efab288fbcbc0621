"""VictoriaMetrics, a time series database."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.peers import VICTORIA, program
from bench.pieces import Piece, as_json_lines
from bench.program import Program, free_port, is_up
from bench.targets.target import Target

SETTLED = 2.0
"""Seconds without a change of size."""


@dataclass(kw_only=True)
class Victoria(Target):
    storage: Path

    @property
    def secrets(self) -> Mapping[str, str]:
        return {}

    def take(self, pieces: Iterable[Piece]) -> None:
        """Import samples."""
        sent = "".join(as_json_lines(piece) for piece in pieces)
        httpx.post(f"{self.url}/api/v1/import", content=sent.encode(), timeout=60).raise_for_status()

    def settle(self) -> None:
        """Wait until everything is on disk and merged."""
        for path in ("/internal/force_flush", "/internal/force_merge"):
            httpx.get(self.url + path, timeout=60).raise_for_status()
        sizes = [-1, self.bytes_held()]
        while sizes[-1] != sizes[-2]:
            time.sleep(SETTLED)
            sizes.append(self.bytes_held())

    def bytes_held(self) -> int:
        """Return the bytes of data and index."""
        return sum(file.stat().st_size for part in ("data", "indexdb") for file in _files(self.storage / part))


def _files(directory: Path) -> list[Path]:
    """List files. If a merge removes one during the listing, `settle` sees another size."""
    return [path for path in directory.rglob("*") if path.is_file()]


def start(servers: int, directory: Path) -> Victoria | None:
    """Return None if it is not available."""
    found = program(VICTORIA, directory)
    if found is None:
        return None
    port, storage = free_port(), directory / "victoria"
    command = [
        found,
        f"-storageDataPath={storage}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=10y",
        "-loggerLevel=ERROR",
    ]
    running = Program(command, log=directory / "victoria.log")
    running.wait_until(lambda: is_up(f"http://127.0.0.1:{port}/health"))
    return Victoria(name="VictoriaMetrics", port=port, servers=servers, program=running, storage=storage)
