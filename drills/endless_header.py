"""One connection sends a header that never ends."""

import socket
import time
from contextlib import suppress
from pathlib import Path

import psutil

from drills.drill import Drill, Outcome, running_server

MEGABYTE = 1_000_000
SENT = 300 * MEGABYTE
CPU_SECONDS = 2.0
GROWTH = 20 * MEGABYTE


def run(place: Path) -> Outcome:
    with running_server(place) as server:
        process = psutil.Process(server.process.pid)
        cpu, resident = _cpu(process), process.memory_info().rss
        sent = 0
        with socket.create_connection(("127.0.0.1", server.port)) as connection, suppress(OSError):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ")
            while sent < SENT:
                connection.sendall(b"a" * MEGABYTE)
                sent += MEGABYTE
        began = time.monotonic()
        with server.client() as client:
            answers = client.get("/healthz").status == 200
        answered = time.monotonic() - began
        spent, grown = _cpu(process) - cpu, process.memory_info().rss - resident
    figures = f"{sent / MEGABYTE:.0f} MB sent, {spent:.2f} CPU s, {grown / MEGABYTE:+.0f} MB of memory"
    held = answers and spent < CPU_SECONDS and grown < GROWTH
    return Outcome(held=held, seen=f"{figures}; the next answer took {answered:.3f} s")


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


DRILL = Drill(attack="300 MB of one header on one connection", run=run)
