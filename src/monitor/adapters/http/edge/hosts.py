"""The host names of this server. Requests for other names are refused with 421.

Against DNS rebinding: another site's name may suddenly lead to this server, and to the browser its page then has our
origin. Only the Host header tells the difference.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog

from monitor.adapters.http.edge.answers import Send, is_api, send_answer
from monitor.adapters.http.edge.client_address import client_address, is_forwarded, is_loopback
from monitor.adapters.http.edge.errors import Refused, answer

log = structlog.get_logger()

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LAST_PORT = 65_535
_HEADER = re.compile(r"(?:\[([0-9a-f]*:[0-9a-f:.]*)\]|([a-z0-9._-]+?)\.?)(?::(\d{0,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Accepted hosts: *names* and addresses in lower case, and *suffixes* of names ("" matches all).

    *addresses*: accept any IP address. A browser that shows an address asked no name server.
    """

    names: frozenset[str]
    suffixes: tuple[str, ...] = ()
    addresses: bool = False

    def knows(self, header: str) -> bool:
        """Return whether a Host *header* names this server; its port does not matter."""
        name = _name(header)
        if name is None:
            return False
        return name in self.names or name.endswith(self.suffixes) or (self.addresses and _plain(name) is not None)


def known_hosts(*, listens_on: str, base_url: str | None, allowed: Iterable[str], machine: str) -> Hosts:
    """Return loopback, the configured names, and the *allowed* ones (`*.example.com`: all below it; `*`: all).

    With *base_url*: its host. Without: the address listened on and, unless that is loopback, the name of this *machine*
    and any IP address.
    """
    names, patterns = set(LOOPBACK), {name for name in allowed if name.startswith("*")}
    names |= {*allowed} - patterns
    addresses = False
    if base_url is not None:
        names.add((urlsplit(base_url).hostname or "").rstrip("."))
    else:
        names.add(listens_on.lower())
        addresses = not (is_loopback(listens_on) or listens_on == "localhost")
        if addresses:
            names |= {machine.lower(), machine.lower().partition(".")[0]}
    return Hosts(
        names=frozenset(_plain(name) or name for name in names),
        suffixes=tuple(pattern[1:] for pattern in patterns),
        addresses=addresses,
    )


def _name(header: str) -> str | None:
    """Return the host without port, brackets and final dot; None if it is not valid."""
    found = _HEADER.fullmatch(header.lower())
    if found is None or int(found[3] or 0) > _LAST_PORT:
        return None
    return _plain(found[1]) if found[1] else found[2]


def _plain(address: str) -> str | None:
    try:
        return str(ip_address(address))
    except ValueError:
        return None


ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})
"""Open to any host: load balancers ask by address, and there is nothing to see. `/metrics` asks other hosts for a key.
Intake is not checked here: it always needs a key, and no browser adds one by itself."""
_MOST_LOGGED = 100
_FORGOTTEN_AFTER = 3600.0
"""Seconds; otherwise invented names would use up the limit for ever."""
_KEY = "monitor.names_loopback"


class HostCheck:
    """*base_url*: returns the one in force, whose host is accepted besides *hosts*."""

    def __init__(
        self, hosts: Hosts, now: Callable[[], float] = time.monotonic, base_url: Callable[[], str | None] = lambda: None
    ) -> None:
        self._hosts = hosts
        self._base_url = base_url
        self._now = now
        self._logged: set[str] = set()
        self._logged_since = now()

    def refusal(self, scope: MutableMapping[str, Any]) -> int | None:
        """Return the status with which to refuse the request; None: accept it."""
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        scope[_KEY] = len(named) == 1 and _name(named[0]) in LOOPBACK
        is_known = len(named) == 1 and (self._hosts.knows(named[0]) or self._is_chosen(named[0]))
        if is_known or scope["path"].rstrip("/") in ANY_HOST:
            return None
        if len(named) != 1:
            return 400
        self._log(ascii(named[0][:100]))
        return 421

    def _is_chosen(self, header: str) -> bool:
        name = _name(header)
        host = urlsplit(self._base_url() or "").hostname or ""
        return name is not None and name == (_plain(host) or host.rstrip("."))

    def _log(self, named: str) -> None:
        """Log each name once an hour, for the operator who forgot to allow it."""
        now = self._now()
        if now - self._logged_since >= _FORGOTTEN_AFTER:
            self._logged.clear()
            self._logged_since = now
        if named not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(named)
            log.warning("refused a host that neither MONITOR_BASE_URL nor MONITOR_ALLOWED_HOSTS names", host=named)


def is_local(scope: Mapping[str, Any]) -> bool:
    """Return whether a program on this host sent the request to this host, by a name of loopback and past all proxies.

    Behind a proxy on this host every client looks local, and so does a page of another site in a local browser.
    """
    return is_loopback(client_address(scope)) and not is_forwarded(scope) and scope.get(_KEY) is True


async def refuse(send: Send, status: int, path: str) -> None:
    """Answer in the envelope under /api, elsewhere with a plain sentence for people."""
    _, envelope, _ = answer(Refused(status))
    if is_api(path):
        body, kind = msgspec.json.encode(envelope), b"application/json"
    else:
        body, kind = f"{envelope.msg}\n".encode(), b"text/plain; charset=utf-8"
    await send_answer(send, status, [(b"content-type", kind)], body)
