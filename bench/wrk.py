"""The load generator and its figures."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LUA = Path(__file__).parent / "lua"
_GRACE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Figures of one load, times in milliseconds. *refused*: responses of 400 and above. *broken*: socket errors."""

    requests: int
    seconds: float
    p50: float
    p90: float
    p99: float
    slowest: float
    refused: int
    broken: int

    @property
    def rate(self) -> float:
        """Successful requests per second."""
        return (self.requests - self.refused) / self.seconds

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"rate": self.rate}


def parsed(output: str) -> Load:
    """Parse the line of `report.lua` in the output. Raises ValueError if it is missing."""
    found = [line for line in output.splitlines() if line.startswith('{"requests":')]
    if len(found) != 1:
        raise ValueError(f"wrk printed no figures:\n{output}")
    figures: dict[str, int] = json.loads(found[0])
    return Load(
        requests=figures["requests"],
        seconds=figures["microseconds"] / 1e6,
        p50=figures["p50"] / 1000,
        p90=figures["p90"] / 1000,
        p99=figures["p99"] / 1000,
        slowest=figures["slowest"] / 1000,
        refused=figures["refused"],
        broken=figures["broken"],
    )


def run(url: str, script: str, *, connections: int, seconds: float, environment: Mapping[str, str]) -> Load:
    """Load *url* for *seconds* on *connections*, each of which sends the next request after each response."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--timeout=60s", "-s", str(LUA / script), url]
    done = subprocess.run(
        command,
        env={**os.environ, "BENCH_LUA": str(LUA), **environment},
        capture_output=True,
        text=True,
        timeout=seconds + _GRACE + 60,
        check=True,
    )
    return parsed(done.stdout)
