"""Addresses as the server knows them."""

from __future__ import annotations

import socket

_MAPPED = bytes(10) + b"\xff\xff"


def plain_address(text: str) -> str:
    """The canonical form of an IP address, without a zone (`%eth0`), and IPv4 out of its IPv6 wrapping.

    Raises ValueError: *text* is none.
    """
    bare = text.partition("%")[0].strip()
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, bare)
        except (OSError, ValueError):
            continue
        if packed[:-4] == _MAPPED:
            return socket.inet_ntop(socket.AF_INET, packed[-4:])
        return socket.inet_ntop(family, packed)
    raise ValueError(f"not an IP address: {text!r}")
