"""The newest scrapes of the servers that sent last, in this process's memory; see decision 64."""

from collections.abc import Sequence

from monitor.application.history.scrape_ports import ScrapeQueries
from monitor.application.intake.scrapes import Place, place_of, read_around
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.known import LOOKBACK, WINDOW, Known
from monitor.domain.intake.scrapes import Part, Scrape

MOST = 50_000_000
"""Bytes, of 10,000 hosts. Those that sent last stay."""
MOST_UNPACKED = 20_000_000
"""Bytes of readings that need not be unpacked for what comes next, of 1,500 hosts."""


class Recent:
    """What is known of servers as of the last turn. It holds as long as no other process takes one."""

    def __init__(self) -> None:
        self._held: dict[ServerId, Known] = {}
        self._unpacked: dict[ServerId, int] = {}
        self._size = self._unpacked_size = 0

    def take(self, server_id: ServerId) -> Known | None:
        """Return and forget what is known of a server, which is about to change."""
        if (known := self._held.pop(server_id, None)) is not None:
            self._size -= known.size
            self._unpacked_size -= self._unpacked.pop(server_id, 0)
        return known

    def keep(self, server_id: ServerId, known: Known) -> None:
        if known.since is None:
            return
        self._held[server_id] = known
        self._size += known.size
        self._unpacked[server_id] = unpacked = known.unpacked
        self._unpacked_size += unpacked
        while self._size > MOST:
            self.take(next(iter(self._held)))
        while self._unpacked_size > MOST_UNPACKED:
            oldest = next(iter(self._unpacked))
            for scrape in self._held[oldest].scrapes.values():
                scrape.let_go()
            self._unpacked_size -= self._unpacked.pop(oldest)

    def clear(self) -> None:
        self._held.clear()
        self._unpacked.clear()
        self._size = self._unpacked_size = 0


def known_by(
    queries: ScrapeQueries, parts: Sequence[Part]
) -> tuple[dict[ServerId, Known], dict[ServerId, Sequence[Scrape]], set[Place]]:
    """Return what the database holds around *parts*, as it is known and as it was read, and what would be too much.

    It can be remembered if these are the newest: then there is nothing after what was read.
    """
    read, left = read_around(queries, parts)
    times: dict[ServerId, list[int]] = {}
    for part in parts:
        if place_of(part) not in left:
            times.setdefault(part.server_id, []).append(part.at)
    newest = queries.newest(times) if times else {}
    found: dict[ServerId, Known] = {}
    for server_id, each in times.items():
        last = max(each)
        first = min(at for at in each if at // LOOKBACK == last // LOOKBACK)
        since = first - WINDOW if newest.get(server_id, 0) <= last + WINDOW else None
        found[server_id] = Known.of(read.get(server_id, ()), since)
    return found, {server_id: read.get(server_id, ()) for server_id in times}, left
