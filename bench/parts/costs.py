"""What a sample costs: the units of which the machines, disks and network of a large fleet follow."""

import json
import socket
import time
from contextlib import closing
from typing import Any

import psutil

from bench import wrk
from bench.database import connected
from bench.figures import Figure, Result, count, middle
from bench.pages import bytes_used
from bench.parts import fleet, sealing
from bench.program import Program, free_port, spent_by
from bench.stage import Stage
from bench.targets import product as target
from bench.targets.product import Product

SERVERS = 100_000
RATES = (300, 1_000, 6_667)
"""Samples a second. The last is all of them every 15 seconds."""
CONNECTIONS = 200
LEAST_SECONDS = 15.0
SEALED_HOURS = 2
SEALING_SECONDS = 600.0
PEER_RATES = (200, 1_000)
"""What a second process spends on more samples than a few: it has other work too, which does not depend on them."""
_EXTRA = ("load1", "load5", "load15", "swap", "net_rx", "net_tx", "disk_read", "disk_write", "uptime", "disk:/")
SAMPLE = (
    '{"ip_address":"ADDRESS","metrics":{"cpu_value":VALUE,"memory_value":VALUE,"disk_value":42.5,"extra":{'
    + ",".join(f'"{name}":VALUE' for name in _EXTRA)
    + ',"processes":77}},"interval":3600,"processes":['
    + ",".join(f'{{"name":"process{number}","cpu":VALUE,"memory":VALUE}}' for number in range(5))
    + "]}"
)
"""As an agent of a common host sends it, but for the interval: nobody shall be offline at lower rates."""


def measure(stage: Stage) -> Result:
    """Measure on MariaDB with 100,000 servers, each of which reports what an agent does."""
    seconds = max(stage.seconds, LEAST_SECONDS)
    filled = fleet.filled(stage, SERVERS)
    rounds = {f"{rate}/s": [_load(stage, filled, rate, seconds) for _ in range(stage.rounds)] for rate in RATES}
    peers = [_beside_a_peer(stage, filled, seconds) for _ in range(stage.rounds)]
    resident, wire = filled.program.resident(), _bytes_on_the_wire(filled)
    filled.program.stop()
    sealed = _sealing(stage)
    figures = [
        *(_intake(rate, rounds[f"{rate}/s"]) for rate in RATES),
        *_bytes(rounds[f"{RATES[-1]}/s"], sealed, wire),
        Figure(
            what="1,000 samples that another process stored: CPU seconds to follow them",
            goal="",
            measured=f"{middle(peers, 'peer'):.3f} of the process",
            beside=f"its other work takes {middle(peers, 'other'):.2f} of a core",
        ),
        Figure(
            what="1,000 samples sealed: CPU seconds",
            goal="",
            measured=f"{sealed['process']:.3f} of the process, {sealed['database']:.3f} of MariaDB",
            beside=f"{count(sealed['rate'])} samples a second, of {count(sealing.SERVERS)} servers",
        ),
        Figure(
            what=f"memory with {count(SERVERS)} servers, after load",
            goal="",
            measured=f"{resident:.0f} MB = {1000 * resident / SERVERS:.1f} kB a server",
        ),
    ]
    return Result(figures=figures, rounds={**rounds, "peer": peers, "sealing": [sealed]})


def _load(stage: Stage, product: Product, rate: int, seconds: float) -> dict[str, Any]:
    """Load it with *rate* samples a second, and return the CPU seconds and written bytes of 1,000 samples."""
    database = psutil.Process(stage.mariadb.pid)
    own, theirs, written = product.program.cpu_seconds(), spent_by(database), database.io_counters().write_bytes
    found = wrk.run(
        product.url,
        "agent.lua",
        connections=CONNECTIONS,
        seconds=seconds,
        environment={
            "N_SERVERS": str(product.servers),
            "RATE": str(rate),
            "CONNECTIONS": str(CONNECTIONS),
            "SAMPLE": SAMPLE,
            **product.secrets,
        },
    )
    if found.refused or found.broken:
        raise RuntimeError(f"{found.refused} samples were refused and {found.broken} connections broke")
    thousands = found.requests / 1000
    return found.as_json() | {
        "process": (product.program.cpu_seconds() - own) / thousands,
        "database": (spent_by(database) - theirs) / thousands,
        "written": (database.io_counters().write_bytes - written) / found.requests,
        "row": _bytes_of_rows(stage, product),
    }


def _bytes_of_rows(stage: Stage, product: Product) -> float:
    url = product.database_url
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM monitor_data")
        (rows,) = cursor.fetchone() or (0,)
    return bytes_used(url, "monitor_data", stage.mariadb.directory / "data") / int(rows)


def _beside_a_peer(stage: Stage, product: Product, seconds: float) -> dict[str, Any]:
    """Start a second process, load the first alone, and return what the second spends on each 1,000 samples."""
    place = stage.directory / "peer"
    place.mkdir(exist_ok=True)
    peer, _ = target.launch(product.database_url, place, free_port())
    try:
        time.sleep(30)  # it takes the whole fleet first, and seals what is due
        few, many = (_followed(stage, product, peer, rate, seconds) for rate in PEER_RATES)
    finally:
        peer.stop()
    each = (many["cores"] - few["cores"]) / (many["rate"] - few["rate"])
    return many | {"peer": 1000 * max(0.0, each), "other": few["cores"] - each * few["rate"]}


def _followed(stage: Stage, product: Product, peer: Program, rate: int, seconds: float) -> dict[str, Any]:
    """Load *product* alone, and return the *cores* that *peer* takes meanwhile."""
    before = peer.cpu_seconds()
    found = _load(stage, product, rate, seconds)
    return found | {"cores": (peer.cpu_seconds() - before) / found["seconds"]}


def _bytes_on_the_wire(product: Product) -> int:
    """Return the bytes of one request and its response, without those of TCP."""
    body = SAMPLE.replace("ADDRESS", target.address(0)).replace("VALUE", "12.5").encode()
    head = f"POST /api/monitor/data HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\nX-API-Key: {product.key}\r\n"
    sent = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(("127.0.0.1", product.port)) as connection:
        connection.sendall(sent)
        answered = connection.recv(65_536)
    if b" 200 " not in answered.partition(b"\r\n")[0]:
        raise RuntimeError(f"a sample was answered {answered[:200]!r}")
    return len(sent) + len(answered)


def _sealing(stage: Stage) -> dict[str, Any]:
    """Let a server without other work seal hours of 1,000 servers, and return what that took."""
    url = stage.mariadb.url(stage.mariadb.create_database())
    product = stage.product(sealing.SERVERS, url)
    product.program.stop()
    sealing.fill(url, SEALED_HOURS)
    database = psutil.Process(stage.mariadb.pid)
    theirs = spent_by(database)
    product = stage.product_again(product, url)
    own, began, total = product.program.cpu_seconds(), time.monotonic(), sealing.SERVERS * 240 * SEALED_HOURS
    while (done := sealing.sealed(url)) < total:
        if time.monotonic() - began > SEALING_SECONDS:
            raise RuntimeError(f"only {done} of {total} samples were sealed")
        time.sleep(0.5)
    lasted = time.monotonic() - began
    own, theirs = product.program.cpu_seconds() - own, spent_by(database) - theirs
    data = stage.mariadb.directory / "data"
    return {
        "seconds": lasted,
        "rate": total / lasted,
        "process": 1000 * own / total,
        "database": 1000 * theirs / total,
        "chunks": bytes_used(url, "history_chunks", data) / total,
        "rollups": bytes_used(url, "history_rollups", data) / total,
    }


def _intake(rate: int, runs: list[dict[str, Any]]) -> Figure:
    own, theirs = middle(runs, "process"), middle(runs, "database")
    return Figure(
        what=f"1,000 samples at {count(rate)} a second: CPU seconds",
        goal="",
        measured=f"{own:.3f} of the process, {theirs:.3f} of MariaDB",
        beside=f"{count(middle(runs, 'rate'))} a second came, p99 {middle(runs, 'p99'):.1f} ms",
    )


def _bytes(runs: list[dict[str, Any]], sealed: dict[str, Any], wire: int) -> list[Figure]:
    return [
        Figure(
            what="bytes a sample: as a row, for two days",
            goal="",
            measured=f"{middle(runs, 'row'):.0f}",
            beside=f"MariaDB writes {middle(runs, 'written'):,.0f} to the disk",
        ),
        Figure(
            what="the same: sealed, for good",
            goal="",
            measured=f"{sealed['chunks']:.1f}, and {sealed['rollups']:.1f} of rollups",
            beside=f"{len(json.loads(SAMPLE.replace('VALUE', '0'))['metrics']['extra']) + 3} values",
        ),
        Figure(what="the same: request and response", goal="", measured=f"{wire}", beside="without TCP and TLS"),
    ]
