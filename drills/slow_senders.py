"""Hundreds of clients send a head, or a body, one byte at a time."""

import select
import socket
import time
from contextlib import suppress
from pathlib import Path

import psutil

from drills.drill import Drill, Outcome, running_server
from drills.reporting import healthy_host, offline_alerts

EACH = 300
SECONDS = 45.0
HEADS, BODIES = 13.0, 36.0
"""Seconds after which all of a kind are closed: the limits, plus some for a busy machine."""
HEAD = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def run(place: Path) -> Outcome:
    with running_server(place, MONITOR_OFFLINE_AFTER="1") as server, healthy_host(server) as seen:
        resident = psutil.Process(server.process.pid).memory_info().rss
        began = time.monotonic()
        heads = [_sender(server.port, f"127.2.{n // 250}.{n % 250 + 1}", HEAD) for n in range(EACH)]
        full = HEAD + b"Content-Length: 900000\r\n\r\n{"
        bodies = [_sender(server.port, f"127.3.{n // 250}.{n % 250 + 1}", full) for n in range(EACH)]
        ended = _trickle(heads + bodies, began)
        grown = psutil.Process(server.process.pid).memory_info().rss - resident
        offline = offline_alerts(server)
    last_head = max(ended.get(sender, 999.0) for sender in heads)
    last_body = max(ended.get(sender, 999.0) for sender in bodies)
    for sender in heads + bodies:
        sender.close()
    held = last_head < HEADS and last_body < BODIES and not (seen.failed or seen.unready or offline)
    figures = f"the last head ended after {last_head:.0f} s, the last body after {last_body:.0f} s"
    return Outcome(held=held, seen=f"{figures}, {grown / 1e6:+.0f} MB; {seen.figures}; {offline} false offline alerts")


def _sender(port: int, source: str, start: bytes) -> socket.socket:
    sender = socket.create_connection(("127.0.0.1", port), 5, source_address=(source, 0))
    sender.sendall(start)
    sender.setblocking(False)
    return sender


def _trickle(senders: list[socket.socket], began: float) -> dict[socket.socket, float]:
    """Send one byte per second on each. Returns the seconds after which each was closed."""
    ended: dict[socket.socket, float] = {}
    looked = select.poll()
    open_ = {sender.fileno(): sender for sender in senders}
    for number in open_:
        looked.register(number, select.POLLIN)
    while open_ and time.monotonic() - began < SECONDS:
        for sender in open_.values():
            with suppress(OSError):
                sender.send(b"a")
        next_byte = time.monotonic() + 1.0
        while (left := next_byte - time.monotonic()) > 0:
            for number, _ in looked.poll(left * 1000):
                ended[open_.pop(number)] = time.monotonic() - began
                looked.unregister(number)
    return ended


DRILL = Drill(attack="300 heads and 300 bodies, a byte a second each", run=run)
