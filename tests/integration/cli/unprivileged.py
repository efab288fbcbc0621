"""Commands run as an ordinary account, also if the tests run as root."""

import sys
from pathlib import Path

_BOUNDING_SET_DROP = 24  # prctl(2)
_CAPABILITIES = (1, 2, 10)  # capabilities(7): DAC_OVERRIDE, DAC_READ_SEARCH, NET_BIND_SERVICE
_DROP = f"""
import ctypes, os, sys
if os.geteuid() == 0:
    libc = ctypes.CDLL(None)
    for capability in {_CAPABILITIES}:
        libc.prctl({_BOUNDING_SET_DROP}, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "monitor", *sys.argv[1:]])
"""
COMMAND = (sys.executable, "-c", _DROP)


def privileged_port() -> int | None:
    """Return a port on which an ordinary account may not listen, or None if there is none."""
    limit = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    first = int(limit.read_text()) if limit.exists() else 0
    return first - 1 if first > 1 else None
