"""One question to one DNS server, over UDP: whether it knows an address of a name (RFC 1035)."""

from __future__ import annotations

import os
import socket
import struct
import time

_A, _AAAA = 1, 28
_TRIES = 3
_TRUNCATED, _IS_ANSWER, _CODE = 0x0200, 0x8000, 0x000F
_LONGEST = 4096


def has_address(name: str, server: str, port: int, seconds: float) -> bool:
    """Return whether *server* knows an IPv4 or IPv6 address of *name*. Raises OSError, and ValueError for no DNS."""
    family, _, _, _, address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM)[0]
    until = time.monotonic() + seconds
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(address)  # Answers of others are then not received.
        return any(_asked(sock, name, kind, until, seconds / _TRIES) for kind in (_A, _AAAA))


def _asked(sock: socket.socket, name: str, kind: int, until: float, patience: float) -> bool:
    number = os.urandom(2)
    question = _encoded(name) + struct.pack("!HH", kind, 1)
    while (left := until - time.monotonic()) > 0:
        sock.settimeout(min(left, patience))
        sock.send(number + struct.pack("!5H", 0x0100, 1, 0, 0, 0) + question)
        try:
            answer = sock.recv(_LONGEST)
            while answer[:2] != number:
                answer = sock.recv(_LONGEST)
        except TimeoutError:
            continue
        except socket.timeout:
            continue
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
