"""A network of its own, in which every user may ping."""

import os
import subprocess
import sys

_ENTERED = """
import fcntl, os, socket, struct
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
with open("/proc/sys/net/ipv4/ping_group_range", "w") as file:
    file.write("{groups}")
{code}
"""
_AS_NOBODY = "os.setgroups([]); os.setgid(65534); os.setuid(65534)"


def printed_by_nobody_who_may_ping(imports: str, expression: str) -> str:
    """Return what *expression* is, computed as a user without rights; by who is not root, as root of nothing else."""
    is_root = os.geteuid() == 0
    code = "\n".join([imports, _AS_NOBODY if is_root else "", f"print({expression})"])
    script = _ENTERED.format(groups="0 65534" if is_root else "0 0", code=code)
    command = ["unshare", "--net", *([] if is_root else ["--map-root-user"]), sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()
