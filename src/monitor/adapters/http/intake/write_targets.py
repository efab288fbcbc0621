"""Which server a series of remote write is of."""

from collections.abc import Iterable, Mapping

from monitor.application.fleet.directory import EMPTY, Directory
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.errors import UnknownHost
from monitor.domain.fleet.servers import Server, ServerId, canonical_ip
from monitor.domain.intake.prometheus import SeriesKey

LONGEST_HOST = 45
"""Of an unregistered one, as long as an address."""


class Targets:
    """Finds servers by address or name. The index of names is made again after each change of the fleet."""

    def __init__(self) -> None:
        self._names: tuple[Directory, Mapping[str, list[Server]]] = EMPTY, {}

    def server(self, directory: Directory, key: ApiKey, host: str) -> ServerId | str | None:
        """Return the server's id, or an unknown host as it is listed; None for one that the key does not reach.

        With the key of a server that is always the one; raises InvalidApiKey if it is deleted.
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
