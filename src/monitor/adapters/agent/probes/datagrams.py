"""Checks that are one datagram and its answer: a DNS question (RFC 1035), and an ICMP echo."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress

_TRIES = 3
_A, _AAAA = 1, 28
_TRUNCATED, _IS_ANSWER, _CODE = 0x0200, 0x8000, 0x000F
_LONGEST = 4096
_REQUEST: dict[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY: dict[int, int] = {socket.AF_INET: 0, socket.AF_INET6: 129}


class NotAllowedError(Exception):
    """This user may not ping."""


def has_address(name: str, server: str, port: int, seconds: float) -> bool:
    """Return whether *server* knows an IPv4 or IPv6 address of *name*. Raises OSError, and ValueError for no DNS."""
    family, _, _, _, address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM)[0]
    until = time.monotonic() + seconds
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(address)  # Answers of others are then not received.
        return any(_has_record(sock, name, kind, until, seconds / _TRIES) for kind in (_A, _AAAA))


def ping(host: str, seconds: float) -> float:
    """Return the seconds until *host* answered. Raises OSError and NotAllowedError."""
    family, _, _, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0]
    sock, is_raw = icmp_socket(family)
    mark = os.urandom(8)
    with sock:
        # Before the first read, so that a raw socket hears of this host alone.
        sock.connect(address)
        for number in range(1, _TRIES + 1):
            began = time.monotonic()
            sock.send(_echo(family, number, mark))
            for packet in _received(sock, began + seconds / _TRIES):
                reply = packet[(packet[0] & 15) * 4 :] if is_raw and family == socket.AF_INET else packet
                # By the payload: the kernel gives datagram sockets a number of its own, and late answers count too.
                if reply[:1] == bytes([_REPLY[family]]) and reply[8:16] == mark:
                    return time.monotonic() - began
    raise TimeoutError("timed out")


def _received(sock: socket.socket, until: float) -> Iterator[bytes]:
    """Yield what arrives until a time."""
    while (left := until - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            packet = sock.recv(_LONGEST)
        except (TimeoutError, socket.timeout):  # Two classes before Python 3.10.
            return
        yield packet


def _has_record(sock: socket.socket, name: str, kind: int, until: float, patience: float) -> bool:
    number = os.urandom(2)
    question = _encoded(name) + struct.pack("!HH", kind, 1)
    while (now := time.monotonic()) < until:
        sock.send(number + struct.pack("!5H", 0x0100, 1, 0, 0, 0) + question)
        for answer in _received(sock, min(until, now + patience)):
            if answer[:2] == number:
                return is_found(answer, kind)
    raise TimeoutError("timed out")


def is_found(answer: bytes, kind: int) -> bool:
    """Return whether *answer* holds a record of *kind*. Raises ValueError if it is not a DNS answer."""
    try:
        _, flags, questions, answers, _, _ = struct.unpack_from("!6H", answer)
        if not flags & _IS_ANSWER:
            raise ValueError("not an answer")
        if flags & _CODE:
            return False
        if flags & _TRUNCATED:
            return bool(answers > 0)
        at = 12
        for _ in range(questions):
            at = _after_name(answer, at) + 4
        for _ in range(answers):
            at = _after_name(answer, at)
            found, _, _, length = struct.unpack_from("!HHIH", answer, at)
            if found == kind:
                return True
            at += 10 + length
    except (struct.error, IndexError):
        raise ValueError("the answer is not DNS") from None
    return False


def _after_name(answer: bytes, at: int) -> int:
    while (length := answer[at]) != 0:
        if length >= 0xC0:  # A pointer to an earlier name ends this one.
            return at + 2
        at += 1 + length
    return at + 1


def _encoded(name: str) -> bytes:
    labels = (label.encode("ascii") for label in name.rstrip(".").split("."))
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def icmp_socket(family: int) -> tuple[socket.socket, bool]:
    """Return a socket that ordinary users may open, or a raw one, and whether it is raw. Raises NotAllowedError."""
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        with suppress(PermissionError):
            return socket.socket(family, kind, protocol), kind == socket.SOCK_RAW
    raise NotAllowedError(
        "this user may not ping: net.ipv4.ping_group_range must include its group, or it needs CAP_NET_RAW"
    )


def _echo(family: int, number: int, mark: bytes) -> bytes:
    head = struct.pack("!BBHHH", _REQUEST[family], 0, 0, os.getpid() & 0xFFFF, number)
    total = sum(struct.unpack("!8H", head + mark))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return head[:2] + struct.pack("!H", ~total & 0xFFFF) + head[4:] + mark
