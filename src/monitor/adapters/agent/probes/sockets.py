"""Where systemd and the engines of containers listen on this host."""

from __future__ import annotations

import os

_BOOTED = "/run/systemd/system"
_BUS = "/run/dbus/system_bus_socket"
_PRIVATE = "/run/systemd/private"
_ENGINES = ("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock")
_UNIX_PATH = "unix:path="


def systemd_socket() -> tuple[str, bool] | None:
    """Return the socket over which systemd answers this user, and whether a bus is behind it; None without systemd.

    It is the bus's, which D-Bus' own variable may name, or else systemd's, which root alone may open.
    """
    address = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "").partition(";")[0].partition(",")[0]
    if address.startswith(_UNIX_PATH):
        return (address[len(_UNIX_PATH) :], True) if is_open(address[len(_UNIX_PATH) :]) else None
    if not os.path.isdir(_BOOTED):
        return None
    return next(((path, path == _BUS) for path in (_BUS, _PRIVATE) if is_open(path)), None)


def engine_socket() -> str | None:
    """Return the first socket of Docker or Podman that this user may open."""
    own = os.environ.get("XDG_RUNTIME_DIR")
    paths = (*_ENGINES, f"{own}/podman/podman.sock") if own else _ENGINES
    return next(filter(is_open, paths), None)


def is_open(path: str) -> bool:
    """Return whether this user may open the socket at *path*."""
    return os.access(path, os.R_OK | os.W_OK)
