"""Where a request really comes from: `X-Forwarded-For` counts only from configured proxies."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
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
        parsed = _parsed(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return plain_address(str(client[0])) if client else ""


def plain_address(address: str) -> str:
    """One that listens on `::` sees IPv4 clients as `::ffff:10.0.0.5`: the IPv4 address then."""
    if ":" not in address:
        return address
    try:
        return str(_parsed(address))
    except ValueError:
        return address


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """Raises ValueError."""
    found = ip_address(address)
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _forwarded_for(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """Hops that are no addresses end the chain: what stands left of them is hearsay."""
    listed = ",".join(value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for")
    hops: list[str] = []
    for hop in reversed([part.strip() for part in listed.split(",") if part.strip()]):
        try:
            hops.insert(0, str(_parsed(hop)))
        except ValueError:
            break
    return hops
