"""Method calls over D-Bus, as far as the agent needs them: texts as arguments, and answers of a known type.

See "Message Protocol" and "Authentication Protocol" of the D-Bus specification, and docs/decisions/0046.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import Any

from ..uplink.http1 import Conversation, dial_unix

LONGEST_ANSWER = 1024 * 1024
"""Bytes of a whole conversation; a unit takes about 300."""
_MOST_MESSAGES = 100
"""Received for one call: a bus sends signals in between."""
_CALL, _RETURN, _ERROR = 1, 2, 3
_NO_AUTO_START = 2
_NUMBERS = {"y": "<B", "n": "<h", "q": "<H", "b": "<I", "i": "<i", "u": "<I", "x": "<q", "t": "<Q", "d": "<d"}
_ALIGNED_TO = {"y": 1, "g": 1, "v": 1, "n": 2, "q": 2, "x": 8, "t": 8, "d": 8, "(": 8}
"""All others are aligned to 4."""


class DBusError(Exception):
    """The answer is an error; the text is its name."""


class Bus:
    """A connection for *seconds* altogether. *is_bus*: False if a peer listens at *path*, without a bus between.

    It and its methods raise OSError, ValueError and struct.error.
    """

    def __init__(self, path: str, seconds: float, *, is_bus: bool = True) -> None:
        self._serial = 0
        self._peer = dial_unix(path, seconds, LONGEST_ANSWER)
        try:
            _authenticate(self._peer)
            if is_bus:
                self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", answer="s")
        except BaseException:
            self._peer.sock.close()
            raise

    def __enter__(self) -> Bus:
        return self

    def __exit__(self, *_: object) -> None:
        self._peer.sock.close()

    def call(
        self, name: str, path: str, interface: str, method: str, *arguments: str | Sequence[str], answer: str
    ) -> Any:
        """Call *method* with texts and lists of texts; return the answer, of type *answer*. Raises DBusError too."""
        self._serial += 1
        self._peer.send(_message(self._serial, name, path, interface, method, arguments))
        for _ in range(_MOST_MESSAGES):
            kind, fields, body = self._received()
            if kind in (_RETURN, _ERROR) and fields.get(5) == self._serial:
                if kind == _ERROR:
                    raise DBusError(str(fields.get(4)))
                if fields.get(8) != answer:
                    raise ValueError(f"the answer to {method} is of another type")
                return Body(body).value(answer)
        raise ValueError("the answer does not come")

    def _received(self) -> tuple[int, dict[int, Any], bytes]:
        head = self._peer.read(16)
        if head[:1] != b"l":
            raise ValueError("not in the byte order of the question")  # As all buses of a host send it.
        _, kind, _, _, length, _, fields_length = struct.unpack("<4B3I", head)
        fields = self._peer.read(_padded(fields_length, 8))
        body = self._peer.read(length)
        found = Body((head + fields)[: 16 + fields_length], at=12).value("a(yv)")
        return kind, dict(found), body


class Body:
    """Reads values of D-Bus types from *data*. A variant may hold a number or a text alone."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    def value(self, signature: str) -> Any:
        """Return the next value. Raises ValueError, LookupError and struct.error if it is not of type *signature*."""
        return self._value(signature, 0)[0]

    def _value(self, signature: str, place: int) -> tuple[Any, int]:
        """Return the value whose type begins at *place*, and the place behind that type."""
        kind = signature[place]
        self._at = _padded(self._at, _ALIGNED_TO.get(kind, 4))
        if kind in _NUMBERS:
            (number,) = struct.unpack_from(_NUMBERS[kind], self._data, self._at)
            self._at += struct.calcsize(_NUMBERS[kind])
            return number, place + 1
        if kind in "sog":
            return self._text("B" if kind == "g" else "<I"), place + 1
        if kind == "v":
            held = self._text("B")
            if held[:1] in ("a", "(", "v"):
                raise ValueError("a variant that holds more than one value")
            return self._value(held, 0)[0], place + 1
        if kind == "a":
            return self._array(signature, place + 1)
        if kind == "(":
            values, place = [], place + 1
            while signature[place] != ")":
                value, place = self._value(signature, place)
                values.append(value)
            return tuple(values), place + 1
        raise ValueError(f"unknown type {kind!r}")

    def _array(self, signature: str, place: int) -> tuple[list[Any], int]:
        (length,) = struct.unpack_from("<I", self._data, self._at)
        self._at = _padded(self._at + 4, _ALIGNED_TO.get(signature[place], 4))
        end = self._at + length
        if end > len(self._data):
            raise ValueError("cut off")
        found: list[Any] = []
        while self._at < end:
            found.append(self._value(signature, place)[0])
        return found, signature.rindex(")") + 1 if signature[place] == "(" else place + 1

    def _text(self, length_format: str) -> str:
        (length,) = struct.unpack_from(length_format, self._data, self._at)
        begin = self._at + struct.calcsize(length_format)
        self._at = begin + length + 1
        if self._at > len(self._data):
            raise ValueError("cut off")
        return self._data[begin : begin + length].decode("utf-8", "replace")


def _authenticate(peer: Conversation) -> None:
    peer.send(b"\0AUTH EXTERNAL %s\r\n" % str(os.geteuid()).encode("ascii").hex().encode("ascii"))
    if not peer.line().startswith("OK "):
        raise PermissionError(13, "the bus refuses this user")
    peer.send(b"BEGIN\r\n")


def _message(
    serial: int, name: str, path: str, interface: str, method: str, arguments: Sequence[str | Sequence[str]]
) -> bytes:
    body, signature = b"", ""
    for argument in arguments:
        body = _aligned(body, 4)
        if isinstance(argument, str):
            body, signature = body + _text(argument), signature + "s"
        else:
            texts = b""
            for text in argument:
                texts = _aligned(texts, 4) + _text(text)
            body, signature = body + struct.pack("<I", len(texts)) + texts, signature + "as"
    fields = b""
    for code, kind, text in ((1, b"o", path), (2, b"s", interface), (3, b"s", method), (6, b"s", name)):
        fields = _aligned(fields, 8) + struct.pack("BB1sB", code, 1, kind, 0) + _text(text)
    if signature:
        short = signature.encode("ascii")
        fields = _aligned(fields, 8) + struct.pack("BB1sBB", 8, 1, b"g", 0, len(short)) + short + b"\0"
    head = struct.pack("<c3B3I", b"l", _CALL, _NO_AUTO_START, 1, len(body), serial, len(fields))
    return _aligned(head + fields, 8) + body


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return struct.pack("<I", len(encoded)) + encoded + b"\0"


def _aligned(data: bytes, to: int) -> bytes:
    return data + b"\0" * (_padded(len(data), to) - len(data))


def _padded(length: int, to: int) -> int:
    return (length + to - 1) // to * to
