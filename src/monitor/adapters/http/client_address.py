"""Where a request really comes from: `X-Forwarded-For` counts only from configured proxies."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

Network = IPv4Network | IPv6Network
_KEY = "monitor.client_address"
_OF_PROXIES = frozenset({b"forwarded", b"x-real-ip", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"})


def client_address(scope: Mapping[str, Any]) -> str:
    """As `note_client_address` found it; without it, the peer's."""
    noted = scope.get(_KEY)
    return noted if isinstance(noted, str) else peer(scope)


def note_client_address(scope: MutableMapping[str, Any], trusted: Sequence[Network]) -> None:
    """The rightmost address of peer and `X-Forwarded-For` that is no trusted proxy."""
    address = peer(scope)
    for hop in reversed(_forwarded_for(scope["headers"])):
        if not is_in(address, trusted):
            break
        address = hop
    scope[_KEY] = address


def is_forwarded(scope: Mapping[str, Any]) -> bool:
    return any(name in _OF_PROXIES for name, _ in scope["headers"])


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _forwarded_for(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """Hops that are no addresses end the chain: what stands left of them is hearsay."""
    listed = ",".join(value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for")
    hops: list[str] = []
    for hop in reversed([part.strip() for part in listed.split(",") if part.strip()]):
        try:
            hops.insert(0, str(ip_address(hop)))
        except ValueError:
            break
    return hops
