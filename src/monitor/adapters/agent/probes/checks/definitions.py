"""The file of checks: a line `NAME KIND TARGET` for each."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...files import open_to_read
from ...uplink.target import Target, parse_url

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
    """Return host and port of *text*. *port*: which one if there is none; 0: there must be one; None: there must not.

    Raises ValueError.
    """
    found, given = parse_url(f"http://{text}"), _PORT.search(text.rpartition("]")[2])
    if found.path or (given and (port is None or not int(given[1]))) or (port == 0 and not given):
        raise ValueError
    return found if given else found._replace(port=port or 0)
