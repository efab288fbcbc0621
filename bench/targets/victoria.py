"""VictoriaMetrics: a database of time series alone, and a very good one."""

from collections.abc import Mapping
from pathlib import Path

from bench.peers import VICTORIA, program
from bench.program import Program, free_port, is_up
from bench.targets.target import Target


class Victoria(Target):
    @property
    def secrets(self) -> Mapping[str, str]:
        return {}


def start(servers: int, directory: Path) -> Victoria | None:
    """None where it can't be had."""
    found = program(VICTORIA, directory)
    if found is None:
        return None
    port = free_port()
    command = [
        found,
        f"-storageDataPath={directory / 'victoria'}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=10y",
        "-loggerLevel=ERROR",
    ]
    running = Program(command, log=directory / "victoria.log")
    running.wait_until(lambda: is_up(f"http://127.0.0.1:{port}/health"))
    return Victoria(name="VictoriaMetrics", port=port, servers=servers, program=running)
