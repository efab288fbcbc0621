"""A connection to the server, secured where it is to be."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from .target import Target

if TYPE_CHECKING:
    from ssl import SSLContext


def dial(target: Target, timeout: float) -> socket.socket:
    """A connected socket whose every step takes no longer than *timeout*. Raises OSError."""
    if not target.secure:
        return _connected(target, timeout)
    import ssl  # 3 MB resident, for those alone who need it.

    hashed = _hashed_certificates()
    if hashed is not None:
        try:
            return _secured(target, timeout, ssl.create_default_context(capath=hashed))
        except ssl.SSLCertVerificationError:
            pass  # The bundle may know more.
    return _secured(target, timeout, ssl.create_default_context())


def _connected(target: Target, timeout: float) -> socket.socket:
    # As bytes: for text, Python before 3.13 loads its tables of international names (0.5 MB), and its ssl always does.
    host = target.host.encode("ascii")
    sock = socket.create_connection((host, target.port), timeout)  # type: ignore[arg-type] # getaddrinfo takes both.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _secured(target: Target, timeout: float, context: SSLContext) -> socket.socket:
    sock = _connected(target, timeout)
    try:
        return context.wrap_socket(sock, server_hostname=target.host.encode("ascii"))
    except BaseException:
        sock.close()
        raise


def _hashed_certificates() -> str | None:
    """Where trusted certificates lie one by one, named by hashes: TLS then reads the one it needs, and not the 150 of a
    bundle (1 MB resident, and 10 ms)."""
    import ssl

    if os.environ.get("SSL_CERT_FILE"):
        return None
    directory = ssl.get_default_verify_paths().capath
    try:
        named = directory is not None and any(name.endswith(".0") for name in os.listdir(directory))
    except OSError:
        return None
    return directory if named else None
