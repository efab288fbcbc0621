"""ICMP echo, by a socket of the kind that ordinary users may open, or a raw one."""

from __future__ import annotations

import os
import socket
import struct
import time

_REQUEST: dict[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY: dict[int, int] = {socket.AF_INET: 0, socket.AF_INET6: 129}
_TRIES = 3


class NotAllowedError(Exception):
    """This user may not ping."""


def ping(host: str, seconds: float) -> float:
    """Return the seconds until *host* answered. Raises OSError and NotAllowedError."""
    family, _, _, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0]
    sock, is_raw = _opened(family)
    mark = os.urandom(8)
    with sock:
        # Before the first read, so that a raw socket hears of this host alone.
        sock.connect(address)
        for number in range(1, _TRIES + 1):
            began = time.monotonic()
            sock.send(_echo(family, number, mark))
            if _is_answered(sock, family, is_raw, mark, began + seconds / _TRIES):
                return time.monotonic() - began
    raise TimeoutError("timed out")


def _opened(family: int) -> tuple[socket.socket, bool]:
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol), False
    except PermissionError:
        pass
    try:
        return socket.socket(family, socket.SOCK_RAW, protocol), True
    except PermissionError:
        raise NotAllowedError(
            "this user may not ping: net.ipv4.ping_group_range must include its group, or it needs CAP_NET_RAW"
        ) from None


def _is_answered(sock: socket.socket, family: int, is_raw: bool, mark: bytes, until: float) -> bool:
    while (left := until - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            packet = sock.recv(2048)
        except TimeoutError:
            return False
        except socket.timeout:
            return False
        if is_raw and family == socket.AF_INET:
            packet = packet[(packet[0] & 15) * 4 :]
        # By the payload: the kernel gives datagram sockets a number of its own, and late answers are answers too.
        if packet[:1] == bytes([_REPLY[family]]) and packet[8:16] == mark:
            return True
    return False


def _echo(family: int, number: int, mark: bytes) -> bytes:
    head = struct.pack("!BBHHH", _REQUEST[family], 0, 0, os.getpid() & 0xFFFF, number)
    total = sum(struct.unpack("!8H", head + mark))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return head[:2] + struct.pack("!H", ~total & 0xFFFF) + head[4:] + mark
