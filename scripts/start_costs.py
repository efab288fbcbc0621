"""What each part of a serving process costs: `python -m scripts.start_costs`.

Megabytes and milliseconds of what is loaded until the API answers, on an empty SQLite database, by part of the product
and by library: of each module without those that it imports. Measuring itself takes time: compare, don't quote.
"""

import os
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.program import free_port

LEAST = 0.5
"""Megabytes of a line of its own."""
LAST = "monitor.adapters.http.routes"
"""What is loaded last, after the first answers."""
LAYERS = ("domain", "application", "adapters", "http", "persistence", "memory")


def part_of(module: str) -> str:
    """Return the library, or of the product the concept, in whatever layer."""
    first, *rest = module.split(".")
    own = [each for each in rest if each not in LAYERS]
    return f"monitor: {own[0]}" if first == "monitor" and len(rest) > 1 and own else first


class Noting(MetaPathFinder):
    """Finds modules by the other finders, and notes what each costs to execute, without those that it imports."""

    def __init__(self, result: Path) -> None:
        self._own: dict[str, tuple[float, float]] = {}
        self._below = [(0.0, 0.0)]
        self._result = result

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        others = (each.find_spec(fullname, path, target) for each in sys.meta_path if each is not self)
        spec = next((each for each in others if each is not None), None)
        if spec is not None and spec.loader is not None and not isinstance(spec.loader, type):
            loader: Any = spec.loader
            loader.exec_module = partial(self._executed, fullname, loader.exec_module)
        return spec

    def _executed(self, name: str, execute: Callable[[Any], None], module: Any) -> None:
        before = resident(), time.perf_counter()
        self._below.append((0.0, 0.0))
        try:
            execute(module)
        finally:
            inner, outer = self._below.pop(), self._below.pop()
            whole = resident() - before[0], 1000 * (time.perf_counter() - before[1])
            self._own[name] = whole[0] - inner[0], whole[1] - inner[1]
            self._below.append((outer[0] + whole[0], outer[1] + whole[1]))
            if name == LAST:
                self._result.write_text("\n".join(f"{of} {mb} {ms}" for of, (mb, ms) in self._own.items()))


def resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def measured_serve(port: str, directory: str, result: str) -> None:
    sys.meta_path.insert(0, Noting(Path(result)))
    sys.argv = ["monitor", "serve", "--migrate", "--port", port, "--data-dir", directory]
    runpy.run_module("monitor", run_name="__main__")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        port, result = str(free_port()), f"{directory}/costs"
        command = [sys.executable, "-m", "scripts.start_costs", port, f"{directory}/data", result]
        with subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL) as serving:
            deadline = time.monotonic() + 60
            while not answers(port) and time.monotonic() < deadline:
                time.sleep(0.1)
            resident = psutil.Process(serving.pid).memory_info().rss / 1e6
            serving.terminate()
        show([line.split() for line in Path(result).read_text().splitlines()], resident)


def answers(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def show(rows: list[list[str]], resident: float) -> None:
    found: dict[str, list[tuple[float, float]]] = {}
    for name, megabytes, milliseconds in rows:
        found.setdefault(part_of(name), []).append((float(megabytes), float(milliseconds)))
    lines = ["| part | MB | ms | modules |", "|---|---|---|---|"]
    parts = [(part, costs) for part, costs in found.items() if summed(costs)[0] >= LEAST]
    lines += [line(part, costs) for part, costs in sorted(parts, key=lambda each: -summed(each[1])[0])]
    for kind, is_own in (("the product", True), ("libraries", False)):
        own = [each for part, costs in found.items() if part.startswith("monitor") is is_own for each in costs]
        lines.append(line(f"all of {kind}", own))
    sys.stdout.write("\n".join(lines) + f"\n\nresident when the API answers: {resident:.1f} MB\n")


def summed(costs: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(each[0] for each in costs), sum(each[1] for each in costs)


def line(part: str, costs: list[tuple[float, float]]) -> str:
    megabytes, milliseconds = summed(costs)
    return f"| {part} | {megabytes:.1f} | {milliseconds:.0f} | {len(costs)} |"


if __name__ == "__main__":
    if sys.argv[1:]:
        measured_serve(*sys.argv[1:])
    else:
        main()
