from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.adapters.memory.state import Draft
from monitor.application.ports.unregistered_hosts import UnregisteredHosts
from monitor.domain.unregistered import MAX_UNREGISTERED, UnregisteredHost


class MemoryUnregisteredHosts(UnregisteredHosts):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.unregistered_hosts

    def record(self, hosts: Sequence[UnregisteredHost]) -> None:
        for host in hosts:
            known = self._rows.get(host.ip_address)
            if known is not None:
                host = replace(host, first_seen_at=known.first_seen_at, reports=known.reports + host.reports)
            self._rows[host.ip_address] = host
        by_last_seen = sorted(self._rows.values(), key=lambda host: host.last_seen_at, reverse=True)
        for host in by_last_seen[MAX_UNREGISTERED:]:
            del self._rows[host.ip_address]

    def known(self, addresses: Collection[str]) -> set[str]:
        return set(addresses) & self._rows.keys()

    def delete(self, *addresses: str) -> None:
        for address in addresses:
            self._rows.pop(address, None)
