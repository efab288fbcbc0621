"""Single samples into a Galera cluster that is written through one node, by one to three processes behind nginx."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import psutil

from bench import wrk
from bench.figures import Figure, Result, count, middle, milliseconds, ratio, times
from bench.parts.rounds import in_turn
from bench.program import spent_by
from bench.stage import PLACE, Stage
from bench.targets.product import Product
from scripts.system import GALERA, HAPROXY, NGINX, ensure
from tests.integration.deploy.balanced import shipped_nginx
from tests.integration.galera import Galera, private_galera
from tests.integration.haproxy import HaProxy, haproxy

SERVERS, CONNECTIONS, PROCESSES, KEYS = 1000, 64, 3, 96
PLAIN = "plain MariaDB, 1 process"
PARTS = {"processes": "processes", "nodes": "database nodes", "between": "nginx and HAProxy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """*between*: the masters of nginx and HAProxy, whose workers do the work."""

    port: int
    processes: Sequence[Product]
    nodes: Sequence[int]
    between: Sequence[int]

    def spent(self) -> dict[str, float]:
        """Return CPU seconds so far, by part."""
        return {
            "processes": sum(product.program.cpu_seconds() for product in self.processes),
            "nodes": sum(spent_by(psutil.Process(pid)) for pid in self.nodes),
            "between": sum(_with_children(pid) for pid in self.between),
        }

    def load(self, keys: str, seconds: float) -> dict[str, Any]:
        """Measure one round. *parts*: CPU seconds for 1,000 samples."""
        before = self.spent()
        environment = {"N_SERVERS": str(SERVERS), "API_KEYS": keys}
        url = f"http://127.0.0.1:{self.port}"
        found = wrk.run(url, "keyed.lua", connections=CONNECTIONS, seconds=seconds, environment=environment)
        after = self.spent()
        if found.refused or found.broken:
            raise RuntimeError(f"{found.refused} requests were refused, {found.broken} connections broke")
        return found.as_json() | {name: 1000 * (after[name] - before[name]) / found.requests for name in PARTS}


def measure(stage: Stage) -> Result:
    ensure([GALERA, HAPROXY, NGINX])
    plain = stage.product(SERVERS)
    direct = _Way(port=plain.port, processes=[plain], nodes=[stage.mariadb.pid], between=[])
    galera = stage.stack.enter_context(private_galera(PLACE))
    balancer = stage.stack.enter_context(haproxy(galera))
    products = _products(stage, galera, balancer)
    ways = {
        f"Galera, {_processes(number)}": _behind_nginx(stage, products[:number], galera, balancer)
        for number in range(1, PROCESSES + 1)
    }
    keys = _keys(products[0])
    loads: dict[str, Callable[..., dict[str, Any]]] = {PLAIN: partial(direct.load, _keys(plain))}
    loads |= {name: partial(way.load, keys) for name, way in ways.items()}
    runs = in_turn(stage.rounds, loads, stage.seconds)
    note = (
        "In `cluster` three nodes, three processes, nginx, HAProxy and the load generator share this machine: what a "
        "further process would add is not seen in the requests a second, but its costs are in the CPU seconds."
    )
    return Result(figures=[_figure(name, runs[name], runs[PLAIN]) for name in loads], rounds=runs, notes=[note])


def _products(stage: Stage, galera: Galera, balancer: HaProxy) -> list[Product]:
    """Return processes on one database through HAProxy, all with the same port's secrets and servers."""
    url = f"mysql+pymysql://root@127.0.0.1:{balancer.port}/{galera.create_database()}?charset=utf8mb4"
    first = stage.product(SERVERS, url)
    return [first, *(stage.product_beside(first, url) for _ in range(PROCESSES - 1))]


def _behind_nginx(stage: Stage, products: Sequence[Product], galera: Galera, balancer: HaProxy) -> _Way:
    (directory := stage.directory / f"nginx-{len(products)}").mkdir()
    port = stage.stack.enter_context(shipped_nginx(directory, *(product.port for product in products)))
    nginx = int((directory / "nginx.pid").read_text())
    return _Way(
        port=port,
        processes=products,
        nodes=[node.pid for node in galera.nodes],
        between=[nginx, balancer.pid],
    )


def _keys(product: Product) -> str:
    body = {"server_id": None}
    made = (product.call("POST", "/api/api-keys", json=body | {"name": f"key {n}"})["key"] for n in range(KEYS))
    return ",".join(made)


def _with_children(pid: int) -> float:
    process = psutil.Process(pid)
    spent = spent_by(process)
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            spent += spent_by(child)
    return spent


def _processes(number: int) -> str:
    return f"{number} process" if number == 1 else f"{number} processes"


def _figure(name: str, runs: Sequence[dict[str, Any]], plain: Sequence[dict[str, Any]]) -> Figure:
    costs = {part: middle(runs, part) for part in PARTS}
    cores = os.cpu_count() or 1
    named = ", ".join(f"{title} {costs[part]:.2f}" for part, title in PARTS.items() if costs[part])
    share = "" if runs is plain else f" = {times(ratio(runs, plain, 'rate'))}"
    return Figure(
        what=f"{name}: single samples a second, {CONNECTIONS} connections",
        goal="",
        measured=f"{count(middle(runs, 'rate'))}{share}, p99 {milliseconds(middle(runs, 'p99'))}",
        beside=f"CPU s for 1,000: {named}; at that {cores} cores allow {count(1000 * cores / sum(costs.values()))}",
    )
