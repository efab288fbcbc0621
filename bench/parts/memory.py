"""Memory of the server process, and its start time.

With SECONDS=60 or more, a soak of that length follows on each database: hosts report at a constant rate, and memory
must not grow.
"""

from collections.abc import Sequence
from compileall import compile_dir
from concurrent.futures import ThreadPoolExecutor, wait
from statistics import median
from typing import Any

import monitor
from bench.figures import Figure, Result
from bench.paced import live
from bench.program import free_port, is_up
from bench.stage import Stage
from bench.targets.product import Product, launch

SERVERS = 1000
LONGEST_LOAD, SHORTEST_SOAK = 10.0, 60.0
"""Seconds."""
INTERVAL, LOOKS = 5.0, 60
"""Seconds between a host's reports in a soak, and the number of measurements."""
FLAT = 2
"""Megabytes. Python takes memory from the system in pieces of one."""


def measure(stage: Stage) -> Result:
    """Measure at rest and after each kind of load, on SQLite and MariaDB."""
    compile_dir(monitor.__path__[0], quiet=1)  # as after an installation with pip
    rounds: dict[str, list[dict[str, Any]]] = {}
    figures: list[Figure] = []
    for kind in ("SQLite", "MariaDB"):
        url = stage.sqlite("memory") if kind == "SQLite" else stage.mariadb.url(stage.mariadb.create_database())
        product = stage.product(SERVERS, url)
        rest = product.program.resident()
        sizes = _under_load(product, stage.rounds, min(stage.seconds, LONGEST_LOAD))
        soak = _soak(product, stage.seconds) if stage.seconds >= SHORTEST_SOAK else []
        product.program.stop()
        starts = [_start(stage, url) for _ in range(stage.rounds)]
        rounds |= {
            f"{kind} under load": [{"resident": size} for size in sizes],
            f"{kind} soak": [{"resident": size} for size in soak],
            f"{kind} starts": [{"seconds": first, "seconds_api": api} for first, api in starts],
        }
        figures += [
            _size(kind, rest, sizes),
            *([_flat(kind, soak, stage.seconds)] if soak else []),
            _soon(kind, starts),
        ]
    return Result(figures=figures, rounds=rounds)


def _under_load(product: Product, rounds: int, seconds: float) -> list[float]:
    sizes = []
    for _ in range(rounds):
        product.log_in()
        for script, path in (("single.lua", ""), ("batch.lua", ""), ("get.lua", "/api/monitor/stats")):
            product.load(script, path=path, connections=16, seconds=seconds)
        sizes.append(product.program.resident())
    return sizes


def _soak(product: Product, seconds: float) -> list[float]:
    sizes = []
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(live, product, servers=SERVERS, interval=INTERVAL, seconds=seconds)
        while not load.done():
            wait([load], timeout=seconds / LOOKS)
            sizes.append(product.program.resident())
        load.result()
    return sizes


def _start(stage: Stage, url: str) -> tuple[float, float]:
    """Return the seconds to the first answer, and to one of the API, which is loaded later."""
    port = free_port()
    program, first = launch(url, stage.directory / "product", port)
    api = program.wait_until(lambda: is_up(f"http://127.0.0.1:{port}/readyz"))
    program.stop()
    return first, api


def _size(kind: str, rest: float, sizes: Sequence[float]) -> Figure:
    return Figure(
        what=f"server process on {kind}, resident, after load",
        goal="≤ 90 MB",
        measured=f"{max(sizes):.0f} MB",
        beside=f"at rest {rest:.0f} MB; after each round {', '.join(f'{size:.0f}' for size in sizes)}",
        met=max(sizes) <= 90,
    )


def _flat(kind: str, sizes: Sequence[float], seconds: float) -> Figure:
    third = len(sizes) // 3
    first, last = median(sizes[:third]), median(sizes[-third:])
    return Figure(
        what=f"server process on {kind}, last third of a soak of {seconds:.0f} s against the first",
        goal=f"≤ {FLAT} MB more",
        measured=f"{last - first:+.1f} MB",
        beside=f"{first:.1f} and {last:.1f} MB",
        met=last - first <= FLAT,
    )


def _soon(kind: str, starts: Sequence[tuple[float, float]]) -> Figure:
    first, api = (median(each) for each in zip(*starts, strict=True))
    return Figure(
        what=f"start on {kind} to the first answer",
        goal="≤ 0.5 s",
        measured=f"{first:.2f} s",
        beside=f"of the API {api:.2f} s",
        met=first <= 0.5,
    )
