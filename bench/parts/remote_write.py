"""What a Prometheus scrapes of many hosts' node-exporter, sent by remote-write: the same requests to both."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.request import urlopen

from bench.figures import Figure, Result, count, measured, middle, milliseconds, ratio, times
from bench.paced import Request, sent
from bench.parts.rounds import Runs, in_turn
from bench.peers import NODE_EXPORTER, program
from bench.program import free_port, is_up
from bench.scrapes import INTERVAL, PER_REQUEST, Scrapes
from bench.stage import Stage
from bench.targets.product import Product
from bench.targets.target import Target
from tests.remote_writes import HEADERS

HOSTS = 300
CONNECTIONS = 4
LEAST_SECONDS = 20.0
_BEGUN = 1800
"""Seconds ago. Each round goes on where the one before ended, faster than time."""
_HEADERS = {**HEADERS, "X-Prometheus-Remote-Write-Version": "0.1.0"}
OURS, THEIRS, PACED = "monitor", "VictoriaMetrics", ", paced"


@dataclass
class Sender:
    """Sends one target the scrapes of all hosts, each once and in order. *scraped*: how many it was sent."""

    target: Target
    path: str
    scrapes: Scrapes
    scraped: int = 0

    def at_once(self, *, seconds: float) -> dict[str, Any]:
        """Send whole scrapes until that has taken *seconds*. To make the requests takes time that does not count."""
        first, spent, cpu, latencies = self.scraped, 0.0, 0.0, list[float]()
        while spent < seconds:
            requests = self._next()
            cpu_before, began = self.target.program.cpu_seconds(), time.perf_counter()
            latencies += sent(self.target.port, requests, 0, CONNECTIONS)
            spent += time.perf_counter() - began
            cpu += self.target.program.cpu_seconds() - cpu_before
        samples = (self.scraped - first) * HOSTS * self.scrapes.series
        more = {"cpu_seconds": cpu, "per_cpu_second": len(latencies) / max(cpu, 1e-9), "samples": samples / spent}
        return measured(latencies, spent) | more

    def at_pace(self, *, seconds: float) -> dict[str, Any]:
        """Send scrapes as they would come, spread over the interval."""
        of_each = [self._next() for _ in range(max(1, round(seconds / INTERVAL)))]
        began = time.perf_counter()
        latencies = sent(self.target.port, [each for held in of_each for each in held], INTERVAL / len(of_each[0]))
        return measured(latencies, time.perf_counter() - began)

    def _next(self) -> list[Request]:
        bodies = self.scrapes.requests(self.scraped)
        self.scraped += 1
        headers = {**_HEADERS, **({"X-API-Key": self.target.key} if isinstance(self.target, Product) else {})}
        return [Request(self.path, body, headers, 204) for body in bodies]


def measure(stage: Stage) -> Result:
    """Measure on MariaDB: as fast as requests are answered, then at the pace of the scrapes."""
    text = _exposed(stage)
    if text is None:
        return Result(figures=[], rounds={}, notes=["remote_write: node-exporter was not available"])
    product, victoria = stage.product(HOSTS), stage.victoria(HOSTS)
    scrapes = Scrapes(text, HOSTS, int((time.time() - _BEGUN) * 1000))
    senders = {OURS: Sender(product, "/api/prometheus/write", scrapes)}
    if victoria is not None:
        senders[THEIRS] = Sender(victoria, "/api/v1/write", scrapes)
    runs = in_turn(stage.rounds, {name: each.at_once for name, each in senders.items()}, stage.seconds)
    slow = {name + PACED: each.at_pace for name, each in senders.items()}
    runs |= in_turn(stage.rounds, slow, max(stage.seconds, LEAST_SECONDS))
    said = (
        f"remote_write: a request has {PER_REQUEST:,} samples, and a host {scrapes.series} series. "
        f"{_kept(product, senders[OURS].scraped * HOSTS)}; VictoriaMetrics keeps every series, and answers before "
        "they are on disk."
    )
    return Result(figures=figures(runs), rounds=runs, notes=[said])


def figures(runs: Runs) -> list[Figure]:
    """Return the lines of the table. *runs*: without VictoriaMetrics if it was not available."""
    what = f"remote-write of {HOSTS} hosts' node-exporter, {CONNECTIONS} connections: requests a second"
    return [
        replace(_figure(what, runs, "", "rate", count), goal="≥ 150", met=middle(runs[OURS], "rate") >= 150),
        _figure("the same: samples a second", runs, "", "samples", count),
        _figure("the same for each CPU second of the server process", runs, "", "per_cpu_second", count),
        _slowest(runs),
    ]


def _slowest(runs: Runs) -> Figure:
    found = _figure(f"the same hosts, scraped every {INTERVAL} s: p99 of a request", runs, PACED, "p99", milliseconds)
    if THEIRS not in runs:
        return found
    share = ratio(runs[OURS + PACED], runs[THEIRS + PACED], "p99")
    return replace(found, goal="≤ 3× VictoriaMetrics", met=share[0] <= 3)


def _figure(what: str, runs: Runs, how: str, name: str, written: Callable[[float], str]) -> Figure:
    ours, theirs = runs[OURS + how], runs.get(THEIRS + how)
    said = written(middle(ours, name))
    if theirs is None:
        return Figure(what=what, goal="", measured=said, beside="VictoriaMetrics was not available")
    beside = f"VictoriaMetrics {written(middle(theirs, name))}"
    return Figure(what=what, goal="", measured=f"{said} = {times(ratio(ours, theirs, name))}", beside=beside)


def _exposed(stage: Stage) -> str | None:
    """Return what a node-exporter says of this host; None if it is not available."""
    found = program(NODE_EXPORTER, stage.directory)
    if found is None:
        return None
    port = free_port()
    url = f"http://127.0.0.1:{port}/metrics"
    running = stage.program([found, f"--web.listen-address=127.0.0.1:{port}"], "node-exporter")
    running.wait_until(lambda: is_up(url))
    with urlopen(url, timeout=60) as answer:
        text = str(answer.read().decode())
    running.stop()
    return text


def _kept(product: Product, scrapes: int) -> str:
    """Say what the product has stored of so many scrapes."""
    with urlopen(f"{product.url}/metrics", timeout=60) as answer:
        [stored] = re.findall(r'^monitor_samples_total\{outcome="stored"\} (\S+)', answer.read().decode(), re.MULTILINE)
    product.log_in()
    [sample] = product.call("GET", "/api/monitor/data?limit=1")
    return (
        f"Of {scrapes:,} scrapes the product stored {float(stored):,.0f} samples (the first of a host is none), each a "
        f"row of {3 + len(sample['extra'])} values, and keeps what it reads of a scrape for an hour"
    )
