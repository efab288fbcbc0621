"""How large the server process is, and how soon it answers."""

from statistics import median
from typing import Any

from bench.figures import Figure, Result
from bench.program import free_port
from bench.stage import Stage
from bench.targets.product import launch

SERVERS = 1000


def measure(stage: Stage) -> Result:
    """At rest, and after every kind of load; on SQLite and on MariaDB."""
    rounds: dict[str, list[dict[str, Any]]] = {}
    figures: list[Figure] = []
    for kind in ("SQLite", "MariaDB"):
        url = stage.sqlite("memory") if kind == "SQLite" else stage.mariadb.url(stage.mariadb.create_database())
        product = stage.product(SERVERS, url)
        rest = product.program.resident()
        soak: list[dict[str, Any]] = []
        for _ in range(stage.rounds):
            product.log_in()
            for script, path in (("single.lua", ""), ("batch.lua", ""), ("get.lua", "/api/monitor/stats")):
                product.load(script, path=path, connections=16, seconds=stage.seconds)
            soak.append({"resident": product.program.resident()})
        product.program.stop()
        starts = [{"seconds": _start(stage, url)} for _ in range(stage.rounds)]
        rounds |= {f"{kind} under load": soak, f"{kind} starts": starts}
        sizes = [run["resident"] for run in soak]
        largest, seconds = max(sizes), median(run["seconds"] for run in starts)
        figures += [
            Figure(
                what=f"server process on {kind}, resident, after load",
                goal="≤ 80 MB",
                measured=f"{largest:.0f} MB",
                beside=f"at rest {rest:.0f} MB; after each round {', '.join(f'{size:.0f}' for size in sizes)}",
                met=largest <= 80,
            ),
            Figure(
                what=f"start on {kind} to the first answer",
                goal="≤ 0.6 s",
                measured=f"{seconds:.2f} s",
                met=seconds <= 0.6,
            ),
        ]
    return Result(figures=figures, rounds=rounds)


def _start(stage: Stage, url: str) -> float:
    program, seconds = launch(url, stage.directory / "product", free_port())
    program.stop()
    return seconds
