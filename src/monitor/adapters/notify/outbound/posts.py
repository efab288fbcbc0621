"""The one way out to addresses that people set: resolved once, checked, and that very address connected to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from monitor.adapters.notify.outbound.connections import Deadline, Resolver, default_tls, system_resolver
from monitor.adapters.notify.outbound.destinations import Destinations, Network
from monitor.adapters.notify.outbound.outcomes import Answer

if TYPE_CHECKING:
    from ssl import SSLContext

TOTAL = 10.0


class Outbound:
    """Posts to http and https addresses. No redirects, no proxies, at most *total* seconds from look-up to answer."""

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

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises DestinationRefused, Unreachable."""
        # Not before the first use: it brings httpx, 12 MB that most installations need not hold.
        from monitor.adapters.notify.outbound.guarded_http import Dialer, post

        dialer = Dialer(self.destinations, self._resolver, Deadline(self._total))
        return post(url, body, headers, dialer, self._tls or default_tls())
