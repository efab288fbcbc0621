"""Addresses that a setting may make the server connect to: public ones, and networks that the operator allows.

Otherwise a webhook could reach into the internal network, or to the metadata service of a cloud (OWASP, "Server-side
request forgery"). The tables are IANA's special-purpose registries (RFC 6890 and its updates); `is_global` of Python
differs between its versions.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from monitor.domain.errors import Problem
from monitor.domain.notifications.channels import MASK

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata service
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's metadata service, although a public address
        "169.254.0.0/16",  # link-local; metadata service of all other clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Of IPv6 only global unicast is in use. These networks within it are not public, or embed an IPv4 address elsewhere.
_PUBLIC_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# The packet goes to the IPv4 address in the last 32 bits: mapped, compatible (obsolete), NAT64.
_EMBEDDING = tuple(IPv6Network(text) for text in ("::ffff:0:0/96", "::/96", "64:ff9b::/96"))


@dataclass(frozen=True, slots=True)
class Destinations:
    """Checks addresses. *allowed*: networks that may be reached although they are not public."""

    allowed: Sequence[Network] = ()

    def allows(self, address: str) -> bool:
        """Return whether the server may connect to *address* (numeric)."""
        try:
            given = ip_address(address)
        except ValueError:
            return False
        return any(a in network for a in {given, _embedded(given)} for network in self.allowed) or _is_public(given)


ANYWHERE = Destinations([IPv4Network("0.0.0.0/0"), IPv6Network("::/0")])
"""For what the operator sets: it may well be within the own network."""


def networks(texts: Iterable[str]) -> list[Network]:
    return [ip_network(text) for text in texts]


def _is_public(given: Address) -> bool:
    address = _embedded(given)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _REFUSED_V6)


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one embeds, else *address*."""
    if isinstance(address, IPv6Address) and any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def url_problem(url: str, destinations: Destinations) -> Problem | None:
    """Return what is wrong with an http or https *url*. A host name is resolved and checked only when sending."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_valid = parts.scheme in ("http", "https") and bool(host) and (parts.port or 1) > 0
    except ValueError:
        is_valid = False
    if not is_valid or " " in url:
        return Problem("invalid_url")
    with suppress(ValueError):
        if not destinations.allows(str(ip_address(host))):
            return Problem("address_refused")
    return None


def without_secrets(url: str) -> str:
    """Return only the scheme, host and port of *url*. Chat services put their tokens into the path (Slack, Discord,
    Feishu, Telegram), the query (DingTalk, WeCom) or the userinfo."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    userinfo, at, host = parts.netloc.rpartition("@")
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment
    return f"{parts.scheme}://{MASK + at if userinfo else ''}{host}{'/' + MASK if has_more else parts.path}"
