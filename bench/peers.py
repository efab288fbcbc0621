"""Programs to compare with: used if installed, else unpacked for the run.

They are not installed, since Debian would start them as services, now and at every boot.
"""

import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.system import SEARCH_PATH


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """*package*: Debian's package. *binary*: the program in it."""

    name: str
    package: str
    binary: str


VICTORIA = Peer(name="VictoriaMetrics", package="victoria-metrics", binary="victoria-metrics")
NODE_EXPORTER = Peer(name="node-exporter", package="prometheus-node-exporter", binary="prometheus-node-exporter")
PROMTOOL = Peer(name="Prometheus", package="promtool", binary="promtool")
ZABBIX_AGENT = Peer(name="zabbix-agent2", package="zabbix-agent2", binary="zabbix_agent2")


def program(peer: Peer, directory: Path) -> str | None:
    """Return its path; print a line and return None if it is not available."""
    found = shutil.which(peer.binary, path=SEARCH_PATH) or _unpacked(peer, directory)
    if found is None:
        print(f"bench: {peer.name} is not available here ({platform.system()}): left out", flush=True)
    return found


def _unpacked(peer: Peer, directory: Path) -> str | None:
    if shutil.which("apt-get") is None:
        return None
    place = directory / peer.package
    place.mkdir(exist_ok=True)
    # Without this, apt warns that its own account cannot read our directory.
    if subprocess.run(
        ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", peer.package], cwd=place, check=False
    ).returncode:
        return None
    for archive in place.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(archive), str(place)], check=True)
    return shutil.which(peer.binary, path=f"{place / 'usr/bin'}:{place / 'usr/sbin'}")
