"""Ports for servers that are down at times."""

import random
import socket
from contextlib import suppress

# From the range above, systems take ports for connections: one of those could sit on the port of a server that is
# down, or a client who tries whether it is up could meet itself. Browsers refuse some of those below.
_PORTS = range(11_000, 32_768)


def free_port() -> int:
    """Of 127.0.0.1; nothing listens there."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 (no secret)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
