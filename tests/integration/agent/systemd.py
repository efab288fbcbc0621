"""A stand-in for systemd on a real bus of dbus-daemon, which checks every message that both sides send."""

import os
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor.adapters.agent.probes.dbus import Body
from scripts.system import SEARCH_PATH
from tests.integration.agent.api import wait_for

_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


@contextmanager
def bus(folder: Path) -> Iterator[str]:
    """Run dbus-daemon; return the path of its socket."""
    program = shutil.which("dbus-daemon", path=SEARCH_PATH)
    assert program is not None, "dbus-daemon is not installed"
    path, configuration = folder / "bus", folder / "bus.conf"
    configuration.write_text(_CONFIGURATION.format(path=path))
    with subprocess.Popen([program, f"--config-file={configuration}", "--nofork", "--nopidfile"]) as process:
        try:
            wait_for(lambda: _listens(path), "the bus")
            yield str(path)
        finally:
            process.kill()


def _listens(path: Path) -> bool:
    """The socket is there a moment before anybody listens."""
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(str(path)) == 0


class Systemd:
    """Answers as systemd's Manager: *units* are states by name, *failed* is how many failed."""

    def __init__(self, path: str, units: dict[str, str], failed: int) -> None:
        self.units = units
        self.failed = failed
        self.patterns: list[list[str]] = []
        self._serial = 0
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.connect(path)
        self._sock.sendall(b"\0AUTH EXTERNAL %s\r\n" % str(os.geteuid()).encode().hex().encode())
        assert self._sock.recv(1024).startswith(b"OK")
        self._sock.sendall(b"BEGIN\r\n")
        self._call("Hello", "", b"")
        self._call("RequestName", "su", aligned(texts(["org.freedesktop.systemd1"]), 4) + struct.pack("<I", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _call(self, method: str, signature: str, body: bytes) -> None:
        name = "org.freedesktop.DBus"
        fields = [(1, "o", "/org/freedesktop/DBus"), (2, "s", name), (3, "s", method), (6, "s", name)]
        self._send(1, fields, signature, body)
        while self._received()[1].get(5) != self._serial:
            pass

    def _serve(self) -> None:
        try:
            while True:
                serial, fields, body = self._received()
                if fields.get(3) in ("Get", "ListUnitsByPatterns"):
                    signature, answer = self._answer(fields, body)
                    self._send(2, [(5, "u", serial), (6, "s", fields[7])], signature, answer)
        except (OSError, EOFError):
            return

    def _answer(self, fields: dict[int, Any], body: bytes) -> tuple[str, bytes]:
        if fields[3] == "Get":
            assert (fields[8], fields[1]) == ("ss", "/org/freedesktop/systemd1")
            return "v", b"\1u\0\0" + struct.pack("<I", self.failed)
        asked = Body(body)
        assert fields[8] == "asas"
        assert asked.value("as") == []
        self.patterns.append(asked.value("as"))
        rows = b""
        for name, state in self.units.items():
            rows = aligned(rows, 8) + texts([name, "A unit", "loaded", state, "sub", "", "/unit/path"])
            rows = aligned(rows, 4) + struct.pack("<I", 0) + texts(["", "/"])
        return "a(ssssssouso)", struct.pack("<II", len(rows), 0) + rows

    def _send(self, kind: int, fields: list[tuple[int, str, Any]], signature: str, body: bytes) -> None:
        self._serial += 1
        packed = b""
        for code, of, value in [*fields, *([(8, "g", signature)] if signature else [])]:
            packed = aligned(packed, 8) + struct.pack("BB", code, 1) + of.encode() + b"\0"
            if of == "g":
                packed += bytes([len(value)]) + value.encode() + b"\0"
            else:
                packed += struct.pack("<I", value) if of == "u" else texts([value])
        head = struct.pack("<c3B3I", b"l", kind, 0, 1, len(body), self._serial, len(packed))
        self._sock.sendall(aligned(head + packed, 8) + body)

    def _received(self) -> tuple[int, dict[int, Any], bytes]:
        head = self._exactly(16)
        _, _, _, _, length, serial, fields_length = struct.unpack("<4B3I", head)
        fields = self._exactly((fields_length + 7) // 8 * 8)
        return (
            serial,
            dict(Body((head + fields)[: 16 + fields_length], at=12).value("a(yv)")),
            self._exactly(length),
        )

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._sock.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data


def texts(many: list[str]) -> bytes:
    data = b""
    for text in many:
        data = aligned(data, 4) + struct.pack("<I", len(text.encode())) + text.encode() + b"\0"
    return data


def aligned(data: bytes, to: int) -> bytes:
    return data + b"\0" * (-len(data) % to)
