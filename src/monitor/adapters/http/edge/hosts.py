"""The names that people may reach this server by.

Against DNS rebinding: a page of another site whose name leads here of a sudden counts as ours to the browser. Only the
Host header tells that it is not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.adapters.http.edge.client_address import is_loopback

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LAST_PORT = 65_535
_HEADER = re.compile(r"(?:\[([0-9a-f]*:[0-9a-f:.]*)\]|([a-z0-9._-]+?)\.?)(?::(\d{0,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """*names* and addresses, lower-case; *suffixes* of names (an empty one is every name's). *addresses*: whether any
    address is good: a browser that shows one asked no name server."""

    names: frozenset[str]
    suffixes: tuple[str, ...] = ()
    addresses: bool = False

    def knows(self, header: str) -> bool:
        """Whether a Host *header* names us; its port says nothing."""
        name = _name(header)
        if name is None:
            return False
        return name in self.names or name.endswith(self.suffixes) or (self.addresses and _is_address(name))


def known_hosts(*, listens_on: str, base_url: str | None, allowed: Iterable[str], machine: str) -> Hosts:
    """Loopback's names always: a browser asks nobody but its own machine by them. With *base_url* its host, without
    one the address listened on; where others reach that, also *machine* (this one's name) and any address. *allowed*
    adds names, `*.example.com` for all below one, `*` for all."""
    names, patterns = set(LOOPBACK), {name for name in allowed if name.startswith("*")}
    names |= {*allowed} - patterns
    addresses = False
    if base_url is not None:
        names.add((urlsplit(base_url).hostname or "").rstrip("."))
    else:
        names.add(listens_on.lower())
        addresses = not (is_loopback(listens_on) or listens_on == "localhost")
        if addresses:
            names |= {machine.lower(), machine.lower().partition(".")[0]}
    return Hosts(
        names=frozenset(_plain(name) or name for name in names),
        suffixes=tuple(pattern[1:] for pattern in patterns),
        addresses=addresses,
    )


def _name(header: str) -> str | None:
    """Without port, brackets and final dot; None where it is no name."""
    found = _HEADER.fullmatch(header.lower())
    if found is None or int(found[3] or 0) > _LAST_PORT:
        return None
    return _plain(found[1]) if found[1] else found[2]


def _plain(address: str) -> str | None:
    try:
        return str(ip_address(address))
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    return _plain(name) is not None
