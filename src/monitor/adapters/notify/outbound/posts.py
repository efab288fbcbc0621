"""HTTP posts to addresses that users set. The name is resolved once, and exactly the checked address is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from monitor.adapters.notify.outbound.connections import Deadline, Resolver, default_tls, system_resolver
from monitor.adapters.notify.outbound.destinations import Destinations, Network
from monitor.adapters.notify.outbound.outcomes import Response

if TYPE_CHECKING:
    from ssl import SSLContext

TOTAL = 10.0


class Outbound:
    """Post to http and https URLs, without redirects and proxies. *total*: seconds at most, from DNS to response."""

    def __init__(
        self,
        *,
        allowed: Iterable[Network] = (),
        resolver: Resolver = system_resolver,
        tls: SSLContext | None = None,
        total: float = TOTAL,
    ) -> None:
        self.destinations = Destinations(allowed)
        self._resolver = resolver
        self._tls = tls
        self._total = total

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Send a POST request. Raises DestinationRefused, Unreachable."""
        # Imported on first use: httpx takes 12 MB, which most installations do not need.
        from monitor.adapters.notify.outbound.guarded_http import GuardedBackend, post

        backend = GuardedBackend(self.destinations, self._resolver, Deadline(self._total))
        return post(url, body, headers, backend, self._tls or default_tls())
