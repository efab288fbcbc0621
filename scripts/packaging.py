"""Build the packages for Debian and RPM systems.

    python -m scripts.packaging [--version X.Y.Z] [agent|server] DIRECTORY

The agent's are for every Python and machine. The server's hold all wheels of DIRECTORY/requirements.txt, which
`make dist` writes, so they are for the Python and the machine that built them, and their dependencies say so.
The same commit gives the same bytes. What is installed beside the code is in deploy/packages.
"""

import io
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.adapters.agent.install.bundle import build_bundle
from scripts.bill import licences, project_version
from scripts.steps import ROOT
from scripts.system import RPM, ensure

RECIPES = ROOT / "deploy" / "packages"
PYTHON = "{}.{}".format(*sys.version_info)
GLIBC = "2.34"
"""What the wheels need at most; a test looks at their tags."""
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
"""What Debian calls the machines that there are wheels for."""
DEBIAN_PHASES = {
    "preinst": "case $1 in install) before_install ;; upgrade) before_upgrade ;; esac",
    "postinst": "after_files",
    "prerm": 'if [ "$1" != upgrade ]; then before_removal; fi',
    "postrm": "case $1 in remove) after_removal ;; purge) after_removal; purge ;; esac",
}
RPM_PHASES = {
    "pre": 'if [ "$1" = 1 ]; then before_install; else before_upgrade; fi',
    "post": "after_files",
    "preun": 'if [ "$1" = 0 ]; then before_removal; fi',
    "postun": 'if [ "$1" = 0 ]; then after_removal; fi',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """*recipe*: names its scripts in deploy/packages. *setup*: its file of settings, kept at an upgrade."""

    name: str
    recipe: str
    description: str
    stage: Callable[[Path, Path], None]
    is_for_any_machine: bool
    debian_needs: str
    rpm_needs: str

    @property
    def settings(self) -> str:
        return f"/etc/{self.name}.env"

    def script(self, call: str) -> str:
        """Return a maintainer script: the functions of both files, and the *call*."""
        halves = [(RECIPES / f"{each}.sh").read_text() for each in (self.recipe, "common")]
        return "\n".join(["#!/bin/sh", "set -eu", *halves, f"{call}\n"])


def stage_agent(root: Path, _: Path) -> None:
    """The agent as the installer brings it, unpacked."""
    with zipfile.ZipFile(io.BytesIO(build_bundle())) as bundle:
        bundle.extractall(root / "usr/lib/monitor-agent")
    write(root / "usr/bin/monitor-agent", '#!/bin/sh\nexec /usr/bin/python3 -IS /usr/lib/monitor-agent "$@"\n', 0o755)
    unit = (ROOT / "src/monitor/adapters/agent/install/monitor-agent.service").read_text()
    unit = unit.replace("@PYTHON@ @PYZ@", "/usr/bin/python3 -IS /usr/lib/monitor-agent")
    write(root / "usr/lib/systemd/system/monitor-agent.service", unit)


def stage_server(root: Path, directory: Path) -> None:
    """A virtual environment with what *directory* holds, as `python -m venv` and pip make it, without pip."""
    home = root / "usr/lib/monitor"
    packages = home / f"lib/python{PYTHON}/site-packages"
    write(home / "pyvenv.cfg", f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {PYTHON}\n")
    (home / "bin").mkdir()
    (home / "bin" / "python").symlink_to(f"/usr/bin/python{PYTHON}")
    install = "--disable-pip-version-check --quiet install --no-deps --require-hashes --only-binary=:all: --no-compile"
    command = [sys.executable, "-m", "pip", *install.split(), f"--target={packages}", "--requirement=requirements.txt"]
    subprocess.run(command, cwd=directory, check=True)
    shutil.rmtree(packages / "bin")
    # They say where it was built, and hold checksums of what says so.
    for name in ("RECORD", "direct_url.json", "REQUESTED"):
        for path in packages.glob(f"*.dist-info/{name}"):
            path.unlink()
    write(root / "usr/bin/monitor", (RECIPES / "monitor.py").read_text(), 0o755)
    for name in ("monitor.service", "monitor@.service"):
        unit = (
            (ROOT / "deploy" / "systemd" / name).read_text().replace("/etc/systemd/system", "/usr/lib/systemd/system")
        )
        write(root / "usr/lib/systemd/system" / name, unit.replace("/opt/monitor/bin/monitor", "/usr/bin/monitor"))
    write(root / "usr/share/doc/monitor/LICENSES", licences())


PACKAGES = {
    "agent": Package(
        name="monitor-agent",
        recipe="agent",
        description="reports this host to a monitor server",
        stage=stage_agent,
        is_for_any_machine=True,
        debian_needs="python3 (>= 3.9)",
        rpm_needs="python3 >= 3.9",
    ),
    "server": Package(
        name="monitor",
        recipe="server",
        description="server monitoring whose alerts can be trusted",
        stage=stage_server,
        is_for_any_machine=False,
        # Libraries in wheels are for one Python; besides it they ask the system for these three.
        debian_needs=f"python{PYTHON}, passwd, libc6 (>= {GLIBC}), libstdc++6, libgcc-s1",
        rpm_needs=f"python(abi) = {PYTHON}, shadow-utils, glibc >= {GLIBC}, libstdc++, libgcc",
    ),
}


def write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def stage(package: Package, root: Path, directory: Path, epoch: int) -> None:
    """Lay out all files of *package* below *root*, with equal modes and times wherever and whenever that is."""
    package.stage(root, directory)
    write(root / f"usr/share/doc/{package.name}/copyright", (ROOT / "LICENSE").read_text())
    write(root / package.settings.lstrip("/"), (RECIPES / f"{package.name}.env").read_text(), 0o600)
    for path in [root, *root.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
        elif not path.is_symlink() and path != root / package.settings.lstrip("/"):
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    settle_times(root, epoch)


def settle_times(root: Path, epoch: int) -> None:
    for path in [root, *root.rglob("*")]:
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def build_deb(package: Package, root: Path, version: str, epoch: int, directory: Path) -> Path:
    """Build from *root*, to which the control files are added."""
    machine = "all" if package.is_for_any_machine else MACHINES[platform.machine()]
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(path.stat().st_size for path in files) // 1024
    sums = [
        f"{md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(root)}\n" for path in files
    ]
    control = {
        "Package": package.name,
        "Version": version,
        "Architecture": machine,
        "Maintainer": "monitor <release@monitor.invalid>",
        "Installed-Size": str(size),
        "Depends": package.debian_needs,
        "Section": "admin",
        "Priority": "optional",
        "Description": package.description,
    }
    write(root / "DEBIAN/control", "".join(f"{key}: {value}\n" for key, value in control.items()))
    write(root / "DEBIAN/conffiles", f"{package.settings}\n")
    write(root / "DEBIAN/md5sums", "".join(sums))
    for name, call in DEBIAN_PHASES.items():
        write(root / "DEBIAN" / name, package.script(call), 0o755)
    settle_times(root, epoch)
    made = directory / f"{package.name}_{version}_{machine}.deb"
    run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(root), str(made)], epoch)
    shutil.rmtree(root / "DEBIAN")
    return made


def build_rpm(package: Package, root: Path, version: str, epoch: int, directory: Path, place: Path) -> Path:
    """Build from *root* by a spec file in *place*."""
    machine = "noarch" if package.is_for_any_machine else platform.machine()
    owned = [f"/usr/lib/{package.name}", f"/usr/share/doc/{package.name}", f"/usr/bin/{package.name}"]
    owned += [f"/{path.relative_to(root)}" for path in sorted(root.glob("usr/lib/systemd/system/*"))]
    spec = [
        f"Name: {package.name}\nVersion: {version}\nRelease: 1\nLicense: MIT",
        f"Summary: {package.description}",
        f"Requires: {package.rpm_needs}\nAutoReqProv: no",
        "BuildArch: noarch" if package.is_for_any_machine else "",
        f"%description\n{package.description}",
        f"%install\ncp -a {root}/. %{{buildroot}}",
        "%files\n%defattr(-,root,root,-)",
        f"%config(noreplace) %attr(0600,root,root) {package.settings}",
        *owned,
        *(f"%{phase}\n{package.script(call).replace('%', '%%')}" for phase, call in RPM_PHASES.items()),
    ]
    write(place / "spec", "\n".join(spec))
    settings = {
        "_topdir": str(place),
        "_rpmdir": str(place),
        "_dbpath": str(place / "database"),
        "_rpmfilename": "made.rpm",
        "_buildhost": "monitor",
        "_build_id_links": "none",
        "_binary_payload": "w9.zstdio",
        "debug_package": "%{nil}",
        "__os_install_post": "%{nil}",  # libraries in wheels stay as their authors built them
        "use_source_date_epoch_as_buildtime": "1",
        "clamp_mtime_to_source_date_epoch": "1",
    }
    defined = [word for name, value in settings.items() for word in ("--define", f"{name} {value}")]
    run(["rpmbuild", "-bb", "--quiet", f"--target={machine}", *defined, str(place / "spec")], epoch)
    return Path(shutil.move(place / "made.rpm", directory / f"{package.name}-{version}-1.{machine}.rpm"))


def run(command: list[str], epoch: int) -> None:
    """Run *command*, and show what it printed only if it fails."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nmonitor: {command[0]} failed")


def build(package: Package, version: str, directory: Path) -> list[Path]:
    """Build *package* as .deb and .rpm into *directory*, and return both paths."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        sys.exit(f"monitor: {version} is no version for packages: three numbers are, such as 1.0.0")
    commit = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)
    epoch = int(commit.stdout)
    with TemporaryDirectory(prefix="monitor-package-") as temporary:
        root = Path(temporary, "root")
        stage(package, root, directory, epoch)
        return [
            build_deb(package, root, version, epoch, directory),
            build_rpm(package, root, version, epoch, directory, Path(temporary)),
        ]


def main() -> None:
    """Build what is asked for, or all."""
    parser = ArgumentParser(prog="python -m scripts.packaging", description=__doc__)
    parser.add_argument("--version", default=project_version())
    parser.add_argument("which", nargs="?", choices=list(PACKAGES))
    parser.add_argument("directory", type=Path)
    given = parser.parse_args()
    ensure([RPM])
    for name in [given.which] if given.which else PACKAGES:
        for made in build(PACKAGES[name], given.version, given.directory.resolve()):
            print(made)


if __name__ == "__main__":
    main()
