"""What the tests and the benchmark need from the operating system, installed where that can be done unasked."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
"""Debian keeps servers in /usr/sbin, which is not on the path of everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPackage:
    """A program, why it is needed, and what it is called where it can be had."""

    what: str
    programs: tuple[str, ...]
    apt: tuple[str, ...]
    brew: str

    def is_there(self) -> bool:
        """Whether any of the names it goes by is on this machine."""
        return any(shutil.which(program, path=SEARCH_PATH) for program in self.programs)


MARIADB = SystemPackage(
    what="MariaDB's server, of which the tests start one of their own",
    programs=("mariadbd",),
    # The server without Debian's service around it: nothing is started, and no port is taken.
    apt=("mariadb-server-core", "mariadb-client-core"),
    brew="mariadb",
)
CHROMIUM = SystemPackage(
    what="Chromium, in which the tests use the screen",
    programs=("chromium", "chromium-browser", "google-chrome"),
    apt=("chromium", "fonts-noto-cjk"),
    brew="--cask chromium",
)
WRK = SystemPackage(what="wrk, which puts the load on for `make bench`", programs=("wrk",), apt=("wrk",), brew="wrk")


def ensure(packages: list[SystemPackage]) -> None:
    """Install what is missing (as root on Debian), or exit with one line that says what to install.

    A machine that cannot run a test fails; it never passes by leaving the test out.
    """
    missing = [package for package in packages if not package.is_there()]
    if missing and _can_apt():
        _apt_install([name for package in missing for name in package.apt])
        missing = [package for package in missing if not package.is_there()]
    if missing:
        sys.exit("\n".join(f"monitor: needs {package.what}: {_advice(package)}" for package in missing))


def _can_apt() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def _apt_install(names: list[str]) -> None:
    print(f"monitor: installing {' '.join(names)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
    # An image without package lists fails at once; the lists are only fetched then.
    if subprocess.run(install, env=environment, capture_output=True, check=False).returncode:
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        subprocess.run(install, env=environment, stdout=subprocess.DEVNULL, check=False)


def _advice(package: SystemPackage) -> str:
    if sys.platform == "darwin":
        return f"brew install {package.brew}"
    if shutil.which("apt-get"):
        return f"sudo apt-get install {' '.join(package.apt)}"
    return f"install it so that {' or '.join(package.programs)} is on the PATH"
