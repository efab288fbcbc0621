"""The load generator, and what it measured."""

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
    """*refused*: answers of 400 and above. *broken*: connections and time limits. Times in milliseconds."""

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
        """Requests a second that were answered well."""
        return (self.requests - self.refused) / self.seconds

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"rate": self.rate}


def parsed(output: str) -> Load:
    """What `report.lua` prints at the end, whatever stands around it. Raises ValueError where it isn't there."""
    found = [line for line in output.splitlines() if line.startswith('{"requests":')]
    if len(found) != 1:
        raise ValueError(f"wrk said nothing of use:\n{output}")
    told: dict[str, int] = json.loads(found[0])
    return Load(
        requests=told["requests"],
        seconds=told["microseconds"] / 1e6,
        p50=told["p50"] / 1000,
        p90=told["p90"] / 1000,
        p99=told["p99"] / 1000,
        slowest=told["slowest"] / 1000,
        refused=told["refused"],
        broken=told["broken"],
    )


def run(url: str, script: str, *, connections: int, seconds: float, environment: Mapping[str, str]) -> Load:
    """*connections* at once for so many *seconds*, each sending the next request as soon as it has its answer."""
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
