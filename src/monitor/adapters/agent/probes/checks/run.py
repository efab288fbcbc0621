"""One check, from its target to its numbers."""

from __future__ import annotations

import socket
import time

from ...uplink.http1 import Conversation, get
from ...uplink.target import Target, dial
from .definitions import Check

SECONDS = 10.0
"""For each step: to connect, to agree on TLS, and to answer."""
LEAST_INTERVAL = 10.0
_LONGEST_HEAD = 256 * 1024
_DAY = 86_400
_BAD_REQUEST = 400


def run_check(check: Check) -> list[tuple[str, float]]:
    """Return `check:NAME:up`, and what is known of `:ms` and `:cert_days`.

    Raises NotAllowedError if this user may not ping: the target is then neither up nor down.
    """
    began = time.monotonic()
    try:
        took, days = _done(check)
    except Exception as error:  # Whatever was sent instead of an answer.
        if type(error).__name__ == "NotAllowedError":
            raise
        return [(f"check:{check.name}:up", 0.0)]
    readings = [(f"check:{check.name}:up", 1.0), (f"check:{check.name}:ms", 1000 * (took or time.monotonic() - began))]
    if days is not None:
        readings.append((f"check:{check.name}:cert_days", days))
    return readings


def _done(check: Check) -> tuple[float | None, float | None]:
    """Return how long it took, if that is not the whole time, and the days that the certificate is valid for.

    Raises whatever says that it is down.
    """
    target = check.target
    if target is None or check.kind == "dns":
        _resolve(check.path, target)
        return None, None
    if check.kind == "ping":
        from .datagrams import ping

        return ping(target.host, SECONDS), None
    with Conversation(dial(target, SECONDS), SECONDS, _LONGEST_HEAD) as peer:
        if check.kind == "http":
            headers = {"Host": target.authority, "User-Agent": "monitor-agent", "Accept": "*/*", "Connection": "close"}
            status = get(peer, check.path, headers, reads_body=False).status
            if status >= _BAD_REQUEST:
                raise ValueError(f"status {status}")
        return None, _certificate_days(peer.sock) if target.secure else None


def _resolve(name: str, server: Target | None) -> None:
    if server is None:
        socket.getaddrinfo(name, None)
        return
    from .datagrams import has_address

    if not has_address(name, server.host, server.port, SECONDS):
        raise ValueError("no address")


def _certificate_days(sock: socket.socket) -> float | None:
    import ssl

    certificate = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    ends = (certificate or {}).get("notAfter")
    return (ssl.cert_time_to_seconds(ends) - time.time()) / _DAY if isinstance(ends, str) else None
