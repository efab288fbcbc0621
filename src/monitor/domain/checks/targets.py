"""The address that a check asks, as each kind writes it.

- http: a URL; tcp, tls: `host:port`; ping: a host; dns: `name@server:port`, or `name` for the system's resolver.

IPv6 addresses stand in brackets where a port follows.
"""

import re
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

LONGEST_TARGET = 2000
DNS_PORT = 53
PORTS = {"http": 80, "https": 443}
"""Of URLs that name none."""
_LONGEST_HOST = 253
# Underscores are no part of host names, but in use. Letters of all scripts: they are encoded when they are looked up.
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
MASK = "***"


class Endpoint(NamedTuple):
    host: str
    port: int


class Question(NamedTuple):
    """*server*: None for the system's resolver."""

    name: str
    server: Endpoint | None


def url_of(target: str) -> SplitResult:
    """Raises ValueError."""
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or parts.port == 0:
        raise ValueError("not an http or https URL with a port")
    host_of(parts.hostname or "")
    return parts


def origin_of(url: SplitResult) -> tuple[str, str | None, int]:
    """Return the server that *url* names, with its port."""
    return url.scheme, url.hostname, url.port or PORTS[url.scheme]


def endpoint_of(target: str, default_port: int | None = None) -> Endpoint:
    """Return host and port. Raises ValueError."""
    if target.startswith("["):
        host, bracket, rest = target[1:].partition("]")
        if not bracket or not isinstance(ip_address(host), IPv6Address):
            raise ValueError("not an IPv6 address in brackets")
    else:
        host, colon, after = target.partition(":")
        rest = colon + after
    if rest == "" and default_port is not None:
        return Endpoint(host_of(host), default_port)
    if not re.fullmatch(r":[0-9]{1,5}", rest) or not 1 <= int(rest[1:]) <= 65535:
        raise ValueError("no port from 1 to 65535")
    return Endpoint(host_of(host), int(rest[1:]))


def host_of(target: str) -> str:
    """Return a host name or address. Raises ValueError."""
    try:
        address = ip_address(target)
    except ValueError:
        pass
    else:
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            raise ValueError("an address with a zone")
        return str(address)
    labels = target.removesuffix(".").split(".")
    # All digits would be taken for an address in another notation, such as 2130706433.
    if len(target) > _LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise ValueError("not a host name")
    return target


def question_of(target: str) -> Question:
    """Raises ValueError."""
    name, at, server = target.partition("@")
    return Question(host_of(name), endpoint_of(server, DNS_PORT) if at else None)


def without_password(target: str) -> str:
    """Return a URL without its user and password, and any other target as it is."""
    scheme, separator, rest = target.partition("://")
    if not separator:
        return target
    place = re.match(r"[^/?#]*", rest)
    authority = place.group() if place is not None else ""
    userinfo, at, _ = authority.rpartition("@")
    return f"{scheme}://{MASK}{rest[len(userinfo) :]}" if at else target


def without_secrets(target: str) -> str:
    """Return *target* for people without write access: a URL's scheme, host and port.

    Paths and queries may hold tokens too.
    """
    scheme, separator, rest = without_password(target).partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    more = rest[len(authority) :]
    return f"{scheme}://{authority}{more if more in ('', '/') else '/' + MASK}" if separator else target
