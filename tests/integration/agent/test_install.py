"""The installer in a temporary root, with stubs for programs that would change the machine."""

import os
import stat
import subprocess
import sys
import termios
import threading
import zipfile
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from monitor.adapters.agent.install.bundle import build_bundle, install_command, install_script
from tests.integration.agent.api import wait_for

URL = "http://monitor.example:8000"
TAKES_THE_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it, and so would the shell
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv("/bin/sh", ["sh", *sys.argv[1:]])
"""


class Host:
    """A temporary root, and programs that only record their arguments."""

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
        """As a pipe into sh, or with `-c` what follows it."""
        own = {"PATH": f"{self.stubs}:/usr/bin:/bin", "DESTDIR": str(self.root), "PYTHON": sys.executable}
        return subprocess.run(
            ("sh", *arguments) if "-c" in arguments else ("sh", "-s", "--", *arguments),
            input=self.script.read_text(),
            env={**own, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            start_new_session=True,  # Without a terminal to ask.
        )

    def install_on_a_terminal(self, typed: str, *arguments: str) -> tuple[int, str]:
        """Return the exit code and the terminal's output when a person types *typed* at the prompt."""
        own = {"PATH": f"{self.stubs}:/usr/bin:/bin", "DESTDIR": str(self.root), "PYTHON": sys.executable}
        terminal, inner = os.openpty()
        command = (sys.executable, "-c", TAKES_THE_TERMINAL, *(arguments or (str(self.script),)))
        process = subprocess.Popen(command, env=own, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
        os.close(inner)
        shown = b""
        with process, open(terminal, "r+b", buffering=0) as screen, suppress(OSError):  # Its end is an error on Linux.
            while part := screen.read(1024):
                shown += part
                if typed and b"(it is not shown): " in shown:
                    wait_for(lambda: not termios.tcgetattr(terminal)[3] & termios.ECHO, "the echo to be off")
                    screen.write(typed.encode())
                    typed = ""
        return process.returncode, shown.decode()

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


@pytest.mark.parametrize("piped", [False, True], ids=["a file", "a pipe"])
def test_on_a_terminal_it_asks_for_the_key_and_does_not_show_it(host, piped):
    status, shown = host.install_on_a_terminal("mk_typed\n", *(("-c", f"cat {host.script} | sh") if piped else ()))
    assert (status, "installed and started" in shown) == (0, True), shown
    assert host.settings["API_KEY"] == "mk_typed"
    assert "mk_typed" not in shown
    assert host.install_on_a_terminal("")[0] == 0, "it is not asked for again"
    assert host.settings["API_KEY"] == "mk_typed"


@pytest.mark.parametrize(
    "typed", ["\n", "\x04", "mk_ a\n", "\x03"], ids=["nothing", "the end", "a wrong one", "a stop"]
)
def test_without_a_key_nothing_is_installed_and_the_terminal_still_echoes(host, typed):
    status, shown = host.install_on_a_terminal(
        typed, "-c", f"trap : INT; sh {host.script}; code=$?; stty -a; exit $code"
    )
    assert status != 0
    assert " echo " in shown
    assert not host.file("/etc").exists()


def test_it_takes_the_key_from_the_file_at_the_default_path(host):
    """As Ansible or cloud-init do."""
    host.file("/etc").mkdir()
    key = host.file("/etc/monitor-agent.key")
    key.write_text("mk_laid \r\n")
    key.chmod(0o600)
    done = host.install()
    assert (done.returncode, done.stderr, host.settings["API_KEY"]) == (0, "", "mk_laid")
    key.write_text("mk_new")
    key.chmod(0o644)
    done = host.install()
    assert (done.returncode, host.settings["API_KEY"]) == (0, "mk_new")
    assert "chmod 600" in done.stderr
    key.write_text("\n")
    assert host.install().returncode == 1
    assert host.install("--uninstall").returncode == 0
    assert not key.exists()


def test_it_takes_the_key_from_a_given_file(host, tmp_path):
    (tmp_path / "key").write_text("mk_named\n")
    assert host.install(API_KEY_FILE=str(tmp_path / "key")).returncode == 0
    assert host.settings["API_KEY"] == "mk_named"
    done = host.install(API_KEY_FILE=str(tmp_path / "none"))
    assert (done.returncode, "cannot be read" in done.stderr) == (1, True)


def test_it_takes_the_key_from_standard_input(host):
    host.install_on_a_terminal("", "-c", f"echo mk_in | API_KEY_FILE=/dev/stdin sh {host.script}")
    assert host.settings["API_KEY"] == "mk_in"


def test_a_key_on_the_command_line_works_with_a_warning(host):
    done = host.install(API_KEY="mk_abc")
    assert done.returncode == 0
    assert "stays in logs" in done.stderr
    assert "mk_abc" not in done.stdout + done.stderr


def test_only_the_agent_of_this_script_is_installed(host):
    """Even if it is an agent."""
    host.install(API_KEY="mk_abc")
    program = host.file("/usr/local/lib/monitor-agent/monitor-agent.pyz")
    before = program.read_bytes()
    host.download.write_bytes(build_bundle() + b"\n")
    done = host.install()
    assert (done.returncode, "does not match this script" in done.stderr) == (1, True)
    assert list(program.parent.iterdir()) == [program]
    assert program.read_bytes() == before


@pytest.mark.parametrize("url", ["https://monitor.example/path", URL, "http://[2001:db8::1]:8000"])
def test_the_shown_command_runs_only_the_script_of_its_checksum(host, tmp_path, url):
    host.script.write_text(install_script(url))
    fetched = f'case "$*" in *"{url}/agent/install.sh") from={host.script} ;; *) from={host.download} ;; esac'
    host.stub("curl", f'{fetched}; while [ "$1" != -o ]; do shift; done; cp "$from" "$2"')
    host.stub("sudo", 'exec "$@"')
    (tmp_path / "elsewhere").mkdir()
    line = f"cd {tmp_path}/elsewhere && {install_command(url)}"
    (tmp_path / "key").write_text("mk_named")
    done = host.install("-c", line, API_KEY_FILE=str(tmp_path / "key"))
    assert (done.returncode, host.settings["API_URL"]) == (0, url), done.stderr
    secure = "--proto =https --proto-redir =https -o install.sh " in host.calls.read_text()
    assert secure == url.startswith("https:")

    host.install("--uninstall")
    host.calls.write_text("")
    host.script.write_text(f"{install_script(url)}# and more\n")
    assert host.install("-c", line, API_KEY_FILE=str(tmp_path / "key")).returncode != 0
    assert "sudo" not in host.calls.read_text()


def test_the_shown_command_runs_nothing_from_the_address():
    assert "'http://a$(id)/agent/install.sh'" in install_command("http://a$(id)")
    with pytest.raises(ValueError, match="API_URL"):
        install_command("http://a; id/")


@pytest.mark.parametrize(("url", "protocols"), [("https://monitor.example", "=https"), (URL, "=http,https")])
def test_no_download_is_redirected_to_plain_http(host, url, protocols):
    host.script.write_text(install_script(url))
    host.install(API_KEY="mk_abc")
    assert f"--proto {protocols} --proto-redir =https " in host.calls.read_text().splitlines()[0]


def test_a_redirect_to_plain_http_is_not_followed(host):
    """By a real curl."""

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{server.server_port}/agent")
            self.end_headers()
            asked.append(self.path)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the signature of the base class)
            pass

    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        host.script.write_text(install_script(f"http://127.0.0.1:{server.server_port}"))
        (host.stubs / "curl").unlink()
        done = host.install(API_KEY="mk_abc")
        server.shutdown()
    assert (done.returncode, "cannot download" in done.stderr) == (1, True)
    assert asked == ["/agent/monitor-agent.pyz"]


def test_the_installed_command_runs(host):
    host.install(API_KEY="mk_abc")
    command = host.file("/usr/local/bin/monitor-agent")
    done = subprocess.run((command, "--print-payload"), capture_output=True, text=True, timeout=60, check=True)
    assert "cpu_value" in done.stdout


def test_running_it_again_updates_and_keeps_settings(host):
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
        ({"API_KEY": "mk_a b"}, "API_KEY contains a character"),
        ({"API_KEY": "mk_a", "INTERVAL": "1\nEVIL=1"}, "INTERVAL contains a character"),
        ({"API_KEY": "mk_a", "PYTHON": "/bin/false"}, "not Python 3.9"),
    ],
)
def test_wrong_settings_are_reported_before_anything_is_installed(host, variables, complaint):
    done = host.install(**variables)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert not host.file("/etc").exists()


def test_a_failed_download_keeps_the_working_agent(host):
    host.install(API_KEY="mk_abc")
    program = host.file("/usr/local/lib/monitor-agent/monitor-agent.pyz")
    before = program.read_bytes()
    host.download.write_text("<html>not an agent</html>")
    done = host.install()
    assert (done.returncode, "does not match" in done.stderr) == (1, True)
    host.stub("curl", "exit 22")
    done = host.install()
    assert (done.returncode, "cannot download" in done.stderr) == (1, True)
    assert program.read_bytes() == before
    assert list(program.parent.iterdir()) == [program]


def test_other_systems_than_linux_get_psutil_in_a_virtual_environment(host):
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


def test_the_installed_agent_is_compiled(host):
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
