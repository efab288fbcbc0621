"""A Zabbix agent, queried with the protocol of its server: header, length, key."""

import socket
import struct
from pathlib import Path

ITEMS = ("system.cpu.util", "vm.memory.size[pused]", "vfs.fs.size[/,pused]", "system.cpu.load", "proc.num")
_HEADER = 13


def configured(directory: Path, port: int) -> Path:
    """Write a configuration that allows only this machine."""
    path = directory / "zabbix.conf"
    path.write_text(
        f"Server=127.0.0.1\nListenIP=127.0.0.1\nListenPort={port}\nHostname=bench\nLogType=console\n"
        f"ControlSocket={directory / 'zabbix.sock'}\n"
    )
    return path


def ask(port: int, item: str) -> str:
    """Return its response to one item."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"ZBXD\x01" + struct.pack("<II", len(item), 0) + item.encode())
        received = b""
        while part := connection.recv(4096):
            received += part
    return received[_HEADER:].decode()
