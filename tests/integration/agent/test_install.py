"""The installer in a root of its own, with stubs for what would touch the machine."""

import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from monitor.adapters.agent.bundle import build_bundle
from monitor.adapters.agent.install import install_script

URL = "http://monitor.example:8000"


class Host:
    """A temporary root, and programs that only note how they were called."""

    def __init__(self, folder: Path, *, systemd: bool = True) -> None:
        self.root = folder / "root"
        self.stubs = folder / "stubs"
        self.calls = folder / "calls"
        self.download = folder / "download"
        for path in (self.root, self.stubs):
            path.mkdir()
        if systemd:
            (self.root / "run/systemd/system").mkdir(parents=True)
        self.calls.touch()
        self.download.write_bytes(build_bundle())
        for name in ("systemctl", "apt-get", "dnf", "yum", "zypper", "apk", "wget"):
            self.stub(name, "")
        self.stub("curl", f'while [ "$1" != -o ]; do shift; done; cp "{self.download}" "$2"')
        self.script = folder / "install.sh"
        self.script.write_text(install_script(URL))

    def stub(self, name: str, action: str) -> Path:
        path = self.stubs / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.calls}"\n{action}\n')
        path.chmod(0o755)
        return path

    def install(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """As a pipe into sh."""
        own = {"PATH": f"{self.stubs}:/usr/bin:/bin", "DESTDIR": str(self.root), "PYTHON": sys.executable}
        return subprocess.run(
            ("sh", "-s", "--", *arguments),
            input=self.script.read_text(),
            env={**own, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def file(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    @property
    def settings(self) -> dict[str, str]:
        lines = self.file("/etc/monitor-agent.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def host(tmp_path) -> Host:
    return Host(tmp_path)


def test_one_line_installs_and_starts_it(host):
    done = host.install(API_KEY="mk_abc")
    assert done.returncode == 0, done.stderr
    assert host.settings == {"API_URL": URL, "API_KEY": "mk_abc", "INTERVAL": "15"}
    assert stat.S_IMODE(host.file("/etc/monitor-agent.env").stat().st_mode) == 0o600
    unit = host.file("/etc/systemd/system/monitor-agent.service").read_text()
    program = host.file("/usr/local/lib/monitor-agent/monitor-agent.pyz")
    assert f"ExecStart={sys.executable} -IS {program}\n" in unit
    assert "mk_abc" not in unit
    assert "mk_abc" not in done.stdout + done.stderr
    calls = host.calls.read_text().splitlines()
    assert calls[0].startswith("curl ")
    assert f"{URL}/agent/monitor-agent.pyz" in calls[0]
    assert calls[1:] == [
        "systemctl daemon-reload",
        "systemctl enable --quiet monitor-agent.service",
        "systemctl restart monitor-agent.service",
    ]


def test_the_installed_command_runs(host):
    host.install(API_KEY="mk_abc")
    command = host.file("/usr/local/bin/monitor-agent")
    done = subprocess.run((command, "--print-payload"), capture_output=True, text=True, timeout=60, check=True)
    assert "cpu_value" in done.stdout


def test_run_again_it_updates_and_keeps_what_is_not_given(host):
    host.install(API_KEY="mk_abc", INTERVAL="30", AGENT_IP="10.0.0.1")
    done = host.install(INTERVAL="60")
    assert done.returncode == 0, done.stderr
    assert host.settings == {"API_URL": URL, "API_KEY": "mk_abc", "INTERVAL": "60", "AGENT_IP": "10.0.0.1"}


def test_uninstalling_leaves_nothing(host):
    host.install(API_KEY="mk_abc")
    host.file("/var/lib/private/monitor-agent").mkdir(parents=True)
    done = host.install("--uninstall")
    assert done.returncode == 0, done.stderr
    assert list(host.root.rglob("*monitor-agent*")) == []
    assert "systemctl disable --now --quiet monitor-agent.service" in host.calls.read_text()
    assert host.install("--uninstall").returncode == 0


def test_without_systemd_it_says_how_to_run_it(tmp_path):
    host = Host(tmp_path, systemd=False)
    done = host.install(API_KEY="mk_abc")
    assert done.returncode == 0, done.stderr
    assert str(host.file("/usr/local/bin/monitor-agent")) in done.stdout
    assert "systemctl" not in host.calls.read_text()


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({}, "API_KEY is not set"),
        ({"API_KEY": "mk_a b"}, "API_KEY holds a character"),
        ({"API_KEY": "mk_a", "INTERVAL": "1\nEVIL=1"}, "INTERVAL holds a character"),
        ({"API_KEY": "mk_a", "PYTHON": "/bin/false"}, "not Python 3.9"),
    ],
)
def test_what_is_missing_or_wrong_is_said_before_anything_is_done(host, variables, complaint):
    done = host.install(**variables)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert not host.file("/etc").exists()


def test_a_download_that_fails_leaves_what_works(host):
    host.install(API_KEY="mk_abc")
    program = host.file("/usr/local/lib/monitor-agent/monitor-agent.pyz")
    before = program.read_bytes()
    host.download.write_text("<html>not an agent</html>")
    done = host.install()
    assert (done.returncode, "is no agent" in done.stderr) == (1, True)
    host.stub("curl", "exit 22")
    done = host.install()
    assert (done.returncode, "cannot download" in done.stderr) == (1, True)
    assert program.read_bytes() == before
    assert list(program.parent.iterdir()) == [program]


def test_another_system_than_linux_gets_psutil_in_a_place_of_its_own(host):
    host.stub("uname", "echo Darwin")
    inner = host.stub("inner", f'[ "$2" = pip ] || exec "{sys.executable}" "$@"')
    makes = f'mkdir -p "$3/bin" && exec ln -s "{inner}" "$3/bin/python"'
    python = host.stub(
        "python3",
        f'case "$*" in "-I -c import psutil") exit 1 ;; "-m venv "*) {makes} ;; esac\nexec "{sys.executable}" "$@"',
    )
    done = host.install(API_KEY="mk_abc", PYTHON=str(python))
    assert done.returncode == 0, done.stderr
    assert "inner -m pip install --quiet psutil" in host.calls.read_text()
    unit = host.file("/etc/systemd/system/monitor-agent.service").read_text()
    assert f"ExecStart={host.file('/usr/local/lib/monitor-agent/venv/bin/python')} -I /" in unit


def test_what_is_installed_is_compiled(host):
    host.install(API_KEY="mk_abc")
    with zipfile.ZipFile(host.file("/usr/local/lib/monitor-agent/monitor-agent.pyz")) as bundle:
        names = bundle.namelist()
    assert {f"{name}c" for name in names if name.endswith(".py")} == {name for name in names if name.endswith("c")}


def test_half_a_script_does_nothing(host):
    whole = host.script.read_text()
    host.script.write_text(whole[: whole.rindex("main ")])
    assert host.install(API_KEY="mk_abc").returncode == 0
    assert host.calls.read_text() == ""
    assert os.listdir(host.root) == ["run"]


def test_it_is_plain_sh(host):
    subprocess.run(("sh", "-n", host.script), check=True, timeout=60)
