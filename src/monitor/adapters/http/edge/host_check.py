"""Refuses requests whose Host header names somebody else: 421, with the setting that would allow it."""

import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import msgspec
import structlog
from litestar.exceptions import HTTPException
from litestar.types import Send

from monitor.adapters.http.edge.errors import answer
from monitor.adapters.http.edge.hosts import Hosts
from monitor.adapters.http.edge.security_headers import is_api

log = structlog.get_logger()

ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})
"""Load balancers ask by address, and there is nothing to see. `/metrics` wants a key of who names another host. Intake
never comes here: it wants a key always, and no browser adds one by itself."""
_MOST_LOGGED = 100
_FORGOTTEN_AFTER = 3600.0
"""Seconds: else made-up names would use the log up for good."""
_KEY = "monitor.known_host"


class HostCheck:
    def __init__(self, hosts: Hosts, now: Callable[[], float] = time.monotonic) -> None:
        self._hosts = hosts
        self._now = now
        self._logged: set[str] = set()
        self._logged_since = now()

    def refusal(self, scope: MutableMapping[str, Any]) -> int | None:
        """A status where the request is to be refused."""
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        scope[_KEY] = is_known = len(named) == 1 and self._hosts.knows(named[0])
        if is_known or scope["path"].rstrip("/") in ANY_HOST:
            return None
        if len(named) != 1:
            return 400
        self._log(ascii(named[0][:100]))
        return 421

    def _log(self, named: str) -> None:
        """Once an hour for each name: whoever set up the server is to find it here."""
        now = self._now()
        if now - self._logged_since >= _FORGOTTEN_AFTER:
            self._logged.clear()
            self._logged_since = now
        if named not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(named)
            log.warning("refused a host that neither MONITOR_BASE_URL nor MONITOR_ALLOWED_HOSTS names", host=named)


def has_known_host(scope: Mapping[str, Any]) -> bool:
    """As the check found it."""
    return scope.get(_KEY) is True


async def refuse(send: Send, status: int, path: str) -> None:
    """In the envelope under /api; elsewhere people read the plain sentence."""
    _, envelope, _ = answer(HTTPException(status_code=status))
    if is_api(path):
        body, kind = msgspec.json.encode(envelope), b"application/json"
    else:
        body, kind = f"{envelope.msg}\n".encode(), b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
