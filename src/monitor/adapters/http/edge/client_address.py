"""Where a request comes from, and whether over TLS, if proxies forward it.

`X-Forwarded-For` and `X-Forwarded-Proto` count only from trusted proxies. `X-Forwarded-Host` never counts: the usual
proxy sets the scheme, but passes on any host that a client sends.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Network = IPv4Network | IPv6Network
_ADDRESS = "monitor.client_address"
_TLS = "monitor.tls"
_OF_PROXIES = frozenset({b"forwarded", b"via", b"x-real-ip"})


def client_address(scope: Mapping[str, Any]) -> str:
    """Return what `note_client_address` found; without it, the address of the peer."""
    noted = scope.get(_ADDRESS)
    return noted if isinstance(noted, str) else peer(scope)


def note_client_address(scope: MutableMapping[str, Any], trusted: Sequence[Network]) -> None:
    """Note the rightmost address of `X-Forwarded-For` and the peer that is not a trusted proxy."""
    address = peer(scope)
    for hop in _forwarded_for(scope["headers"]):
        if not is_in(address, trusted):
            break
        address = hop
    scope[_ADDRESS] = address


def is_forwarded(scope: Mapping[str, Any]) -> bool:
    return any(name in _OF_PROXIES or name.startswith(b"x-forwarded-") for name, _ in scope["headers"])


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
    """Return the IPv4 address for `::ffff:10.0.0.5`: so a server that listens on `::` sees IPv4 clients."""
    if ":" not in address:
        return address
    try:
        return str(_parsed(address))
    except ValueError:
        return address


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """Return the address, as IPv4 if it is a mapped one. Raises ValueError."""
    found = ip_address(address)
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _forwarded_for(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """Yield the hops from the right. Those left of an invalid address are untrusted and left out."""
    listed = ",".join(value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for")
    for hop in reversed([part.strip() for part in listed.split(",") if part.strip()]):
        try:
            yield str(_parsed(hop))
        except ValueError:
            return


def note_scheme(scope: MutableMapping[str, Any], trusted: Sequence[Network], *, has_https_base: bool) -> None:
    """Note the scheme that a trusted proxy sent last. *has_https_base*: always TLS, even if a proxy does not say so."""
    sent = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    if sent and is_in(peer(scope), trusted):
        scheme = sent[-1].decode("latin-1").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            scope["scheme"] = scheme
    scope[_TLS] = has_https_base or scope["scheme"] == "https"


def is_over_tls(scope: Mapping[str, Any]) -> bool:
    """Return what `note_scheme` found; without it, whether the connection itself uses TLS."""
    return bool(scope.get(_TLS, scope["scheme"] == "https"))
