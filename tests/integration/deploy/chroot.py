"""A Debian system in a folder, in which packages are installed and what they hold is run, on this host's network.

It has no systemd: what the packages' scripts would ask of it is written down, and done by the test where it matters.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.deploy.podman import base

PACKAGES = "python3,passwd,rpm"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# In a namespace of its own, so that nothing stays mounted. rpm wants its root to be a mount.
_ENTER = """mount --bind "$ROOT" "$ROOT" && mount --bind /proc "$ROOT/proc" && mount --rbind /dev "$ROOT/dev" || exit
exec chroot "$@"
"""
_SYSTEMCTL = """#!/bin/sh
echo "$*" >>/calls
[ "$1" != list-units ] || sed 's/$/ loaded active running/' /active
"""


class Chroot:
    """*root*: its folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        subprocess.run(("tar", "--extract", "--file", base("packages", PACKAGES, is_set_up=True)), cwd=root, check=True)

    def command(self, *words: str, user: str = "root", **variables: str) -> list[str]:
        """Return the command that runs these *words* in it."""
        given = [f"{name}={value}" for name, value in {"PATH": _PATH, "HOME": "/root", **variables}.items()]
        chosen = ["--userspec", user, str(self.root), "env", "-i", *given]
        return ["env", f"ROOT={self.root}", "unshare", "--mount", "sh", "-c", _ENTER, "sh", *chosen, *words]

    def run(self, *words: str, fails: bool = False, **variables: str) -> str:
        """Return what it printed. *fails*: it must."""
        command = self.command(*words, **variables)
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert fails is bool(done.returncode), (words, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def install(self, package: Path) -> str:
        """Install or upgrade. The database of RPM knows nothing of what Debian installed, hence no dependencies."""
        copy = self.file("/srv") / package.name
        copy.write_bytes(package.read_bytes())
        if package.suffix == ".deb":
            return self.run("dpkg", "--force-confold", "--install", f"/srv/{package.name}")
        return self.run("rpm", "--upgrade", "--nodeps", f"/srv/{package.name}")

    def file(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def pretend_systemd(self) -> None:
        """From now on systemctl writes down what it is asked; the lines of /active are the units that run."""
        self.file("/run/systemd/system").mkdir(parents=True)
        self.file("/active").touch()
        self.file("/usr/bin/systemctl").write_text(_SYSTEMCTL)
        self.file("/usr/bin/systemctl").chmod(0o755)

    def calls(self) -> list[str]:
        """Return what systemctl was asked since the last time, but for questions."""
        path = self.file("/calls")
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line for line in lines if not line.startswith("list-units")]

    def settings(self, path: str) -> dict[str, str]:
        """Return the variables of a file, as systemd would set them."""
        lines = self.file(path).read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    @contextmanager
    def service(self, unit: str, *further: str, user: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run what the packaged *unit* starts, with its file of settings, as *user*."""
        lines = self.file(f"/usr/lib/systemd/system/{unit}.service").read_text().splitlines()
        values = dict(line.split("=", 1) for line in lines if "=" in line)
        settings = self.settings(values["EnvironmentFile"].lstrip("-")) | variables
        command = self.command(*values["ExecStart"].split(), *further, user=user, **settings)
        with (self.root / f"{unit}.log").open("ab") as log:
            process = subprocess.Popen(command, env=os.environ, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)
