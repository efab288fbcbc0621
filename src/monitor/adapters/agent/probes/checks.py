"""Checks that this host runs for a person: whether a site, a port, a host, a name or a certificate is as it should be.

The file that `AGENT_CHECKS` names has a line `NAME KIND TARGET` for each.
"""

from __future__ import annotations

import re
import socket
import time
from typing import NamedTuple

from ..files import open_to_read
from ..uplink.http1 import Conversation, get
from ..uplink.target import Target, dial, parse_url

SECONDS = 10.0
"""For each step: to connect, to agree on TLS, and to answer."""
LEAST_INTERVAL = 10.0
_LONGEST_HEAD = 256 * 1024
_DAY = 86_400
_BAD_REQUEST = 400
MOST_CHECKS = 32
"""Each has a thread of its own, so that one that waits delays no other."""
_MAX_SIZE = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_URL = re.compile(r"(https?://[^/?#]+)(/[^?#]*)?(\?[^#]*)?", re.IGNORECASE)
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_LONGEST_DOMAIN = 253
_PORT = re.compile(r":([0-9]+)$")
_FORMS = {
    "http": "a URL such as https://example.org/health",
    "tcp": "host:port",
    "tls": "host:port",
    "ping": "a host",
    "dns": "a name, or name@server:port",
}


class Check(NamedTuple):
    """*target*: whom to connect to; None for the system's resolver. *path*: of a URL, with its query; or a DNS name."""

    name: str
    kind: str
    target: Target | None
    path: str = ""


def load_checks(path: str) -> tuple[Check, ...]:
    """Return the checks in the file at *path*. Raises OSError, and ValueError naming the line that is wrong."""
    with open(open_to_read(path), encoding="utf-8") as file:
        text = file.read(_MAX_SIZE + 1)
    if len(text) > _MAX_SIZE:
        raise ValueError(f"is larger than {_MAX_SIZE} bytes")
    found: dict[str, Check] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            check = parse_check(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        if found.setdefault(check.name.lower(), check) is not check:
            raise ValueError(f"line {number}: there is a check {check.name} already")
    if len(found) > MOST_CHECKS:
        raise ValueError(f"has more than {MOST_CHECKS} checks")
    return tuple(found.values())


def parse_check(line: str) -> Check:
    """Return the check that *line* describes. Raises ValueError."""
    parts = line.split()
    if len(parts) != 3:
        raise ValueError("must be NAME KIND TARGET")
    name, kind, text = parts
    if not _NAME.fullmatch(name):
        raise ValueError(f"the name {name!r} must have 1 to 40 of the characters A-Z a-z 0-9 _ . -")
    if kind not in _FORMS:
        raise ValueError(f"the kind {kind!r} must be one of {', '.join(_FORMS)}")
    try:
        return _targeted(name, kind, text)
    except (ValueError, UnicodeError):
        raise ValueError(f"the target {text!r} of a {kind} check must be {_FORMS[kind]}") from None


def _targeted(name: str, kind: str, text: str) -> Check:
    if kind == "http":
        url = _URL.fullmatch(text)
        if url is None or not all("!" <= char <= "~" for char in text.partition("://")[2].partition("/")[2]):
            raise ValueError
        return Check(name, kind, parse_url(url[1]), (url[2] or "/") + (url[3] or ""))
    if kind == "dns":
        domain, _, server = text.partition("@")
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        if not _DOMAIN.fullmatch(domain) or len(domain) > _LONGEST_DOMAIN or text.endswith("@"):
            raise ValueError
        return Check(name, kind, _server(server, 53) if server else None, domain)
    if kind == "ping":
        return Check(name, kind, _server(f"[{text}]" if ":" in text else text, None))
    return Check(name, kind, _server(text, 0)._replace(secure=kind == "tls"))


def _server(text: str, port: int | None) -> Target:
    """Return host and port. *port*: the default; 0: it must be given; None: it must not be. Raises ValueError."""
    found, given = parse_url(f"http://{text}"), _PORT.search(text.rpartition("]")[2])
    if found.path or (given and (port is None or not int(given[1]))) or (port == 0 and not given):
        raise ValueError
    return found if given else found._replace(port=port or 0)


def run_check(check: Check) -> list[tuple[str, float]]:
    """Return `check:NAME:up`, and `:ms` and `:cert_days` if known. Raises NotAllowedError if this user may not ping."""
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
    """Return how long it took, if not the whole time, and the days that the certificate is valid. Raises if down."""
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
