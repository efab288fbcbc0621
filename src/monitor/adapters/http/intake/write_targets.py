"""Which servers the series of a remote write are of, and what of them is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite

from monitor.adapters.http.intake.remote_write import Points
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.errors import UnknownHost
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost, canonical_ip
from monitor.domain.intake.node_exporter import is_of_a_host
from monitor.domain.intake.prometheus import SeriesKey, unregistered_values
from monitor.domain.intake.samples import FUTURE_TOLERANCE
from monitor.domain.intake.scrapes import Part
from monitor.domain.times import microseconds

LONGEST_HOST = 45
"""Of an unregistered one, as long as an address."""
LARGEST_SKEW = 10 * 365 * 86_400
"""Seconds. A clock is said to be ahead by no more."""
MAX_PARTS = 5_000
"""Scrapes in one request, as many as may wait of a key."""
MAX_NAMES = 16_000_000
"""Characters of the names of their readings."""
MAX_UNREGISTERED = 1_000
"""Unregistered hosts of one request. Further ones are left out."""
Read = list[tuple[SeriesKey, Points]]


@dataclass(slots=True)
class Found:
    """What a request holds of each server and scrape. *skews*: by how much clocks are ahead; see `clock_skew`.

    *hosts_refused*: hosts with samples that are refused for their time, with the receipt.
    """

    now: datetime
    kept: timedelta
    problem: str | None = None
    skews: dict[ServerId, int | None] = field(default_factory=dict)
    hosts_refused: dict[ServerId, datetime] = field(default_factory=dict)
    _names: int = 0
    _refused: set[tuple[int, int]] = field(default_factory=set)
    _parts: dict[tuple[ServerId, int, int], dict[str, float | None]] = field(default_factory=dict)
    _hosts: dict[str, dict[int, dict[str, float | None]]] = field(default_factory=dict)

    def add(self, server_id: ServerId, series: SeriesKey, points: Points) -> None:
        source, _, reading = series
        for at, value in points:  # a value that is none is the mark of a series that has ended
            if (readings := self._parts.get(part := (server_id, source, at))) is None:
                if not self._is_accepted(at, server_id):
                    if is_of_a_host(reading):
                        self.refuse(series, [(at, value)])
                    continue
                readings = self._parts[part] = {}
                if len(self._parts) > MAX_PARTS:
                    raise InvalidInput({"body": Problem("too_many_samples", {"limit": MAX_PARTS})})
            if reading not in readings:
                readings[reading] = value if isfinite(value) else None
                self._names += len(reading)
                if self._names > MAX_NAMES:
                    raise InvalidInput({"body": Problem("too_many_names", {"limit": MAX_NAMES})})

    def add_unregistered(self, host: str, series: SeriesKey, points: Points) -> None:
        if host not in self._hosts and len(self._hosts) == MAX_UNREGISTERED:
            return
        for at, value in points:
            if self._is_accepted(at):
                scrapes = self._hosts.setdefault(host, {})
                scrapes.setdefault(at, {}).setdefault(series.reading, value if isfinite(value) else None)

    def refuse(self, series: SeriesKey, points: Points) -> None:
        """Count a host's scrapes that make no samples."""
        self._refused.update((series.source, at) for at, _ in points)

    @property
    def refused(self) -> int:
        return len(self._refused)

    @property
    def parts(self) -> list[Part]:
        return [Part(*key, readings) for key, readings in self._parts.items()]

    @property
    def unregistered(self) -> list[UnregisteredHost]:
        return [self._host(name, scrapes) for name, scrapes in self._hosts.items()]

    def _host(self, name: str, scrapes: dict[int, dict[str, float | None]]) -> UnregisteredHost:
        cpu, memory, disk = unregistered_values(scrapes)
        return UnregisteredHost(
            ip_address=name,
            first_seen_at=self.now,
            last_seen_at=self.now,
            reports=len(scrapes),
            cpu=cpu,
            memory=memory,
            disk=disk,
        )

    def _is_accepted(self, at: int, server_id: ServerId | None = None) -> bool:
        ahead = at - microseconds(self.now) // 1000
        tolerance = FUTURE_TOLERANCE // timedelta(milliseconds=1)
        if server_id is not None and ahead >= -tolerance:
            self.skews[server_id] = min(ahead // 1000, LARGEST_SKEW) if ahead > tolerance else None
        if -self.kept // timedelta(milliseconds=1) <= ahead <= tolerance:
            return True
        self.problem = "in_future" if ahead > 0 else "too_old"
        if server_id is not None:
            self.hosts_refused[server_id] = self.now
        return False


class Targets:
    """Finds servers by address or name. The index of names is made again after each change of the fleet."""

    def __init__(self) -> None:
        self._names: tuple[Directory, Mapping[str, list[Server]]] = EMPTY, {}

    def server(self, directory: Directory, key: ApiKey, host: str) -> ServerId | str | None:
        """Return the server's id, or an unknown host as it is listed; None for one that the key does not reach.

        The key of a server always means that one. Raises InvalidApiKey if it is deleted.
        """
        if key.server_id is not None:
            return directory.server_for(key, None).id
        try:
            address = canonical_ip(host)
        except InvalidInput:
            return self._by_name(directory, key, host.strip().lower())
        try:
            return directory.server_for(key, address).id
        except UnknownHost:
            return None if address in directory.by_address else address

    def found(self, directory: Directory, key: ApiKey, series: Read, now: datetime) -> Found:
        """Return what *series* hold of each server. Raises InvalidInput for too much, InvalidApiKey."""
        found = Found(now, directory.samples_kept)
        targets: dict[str, ServerId | str | None] = {}
        for each, points in series:
            if (host := each.host) not in targets:
                targets[host] = self.server(directory, key, host)
            target = targets[host]
            if isinstance(target, int):
                found.add(target, each, points)
            elif is_of_a_host(each.reading):
                found.refuse(each, points)
                if target is not None:
                    found.add_unregistered(target, each, points)
        return found

    def has_unknown(self, directory: Directory, key: ApiKey, series: Iterable[tuple[SeriesKey, object]]) -> bool:
        hosts = {each.host for each, _ in series}
        return any(not isinstance(self.server(directory, key, host), int) for host in hosts)

    def _by_name(self, directory: Directory, key: ApiKey, name: str) -> ServerId | str | None:
        if self._names[0] is not directory:
            names: dict[str, list[Server]] = {}
            for server in directory.servers.values():
                names.setdefault(server.name.strip().lower(), []).append(server)
            self._names = directory, names
        named = self._names[1].get(name, [])
        found = [server.id for server in named if self._reaches(directory, key, server)]
        if len(found) == 1:
            return found[0]
        return name if name and len(name) <= LONGEST_HOST and name.isprintable() and not named else None

    @staticmethod
    def _reaches(directory: Directory, key: ApiKey, server: Server) -> bool:
        try:
            return directory.server_for(key, server.ip_address).id == server.id
        except UnknownHost:
            return False
