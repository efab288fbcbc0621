"""The packages hold what they should, and are installed, upgraded and removed by dpkg and rpm; a release is whole.

What no test here proves: systemd as the first process (its calls are written down), and RPM's dependencies, which need
a system of RPM's own.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.agent.install.bundle import build_bundle
from scripts import bill
from scripts.packaging import GLIBC, PACKAGES, build
from tests.documents import ROOT, documented, read
from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, wait_for
from tests.integration.deploy.chroot import Chroot
from tests.integration.ports import free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="packages for Linux are built on it")
VERSION = bill.project_version()
NEXT = "99.0.0"
KEY = "API_URL=http://127.0.0.1:9\nAPI_KEY=mk_of_the_administrator\n"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    deb, rpm = build(PACKAGES["agent"], VERSION, tmp_path_factory.mktemp("agent"))
    return deb, rpm


@pytest.fixture(scope="module")
def next_agent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    deb, rpm = build(PACKAGES["agent"], NEXT, tmp_path_factory.mktemp("next"))
    return deb, rpm


@pytest.fixture
def chroot(tmp_path: Path) -> Iterator[Chroot]:
    yield Chroot(tmp_path)
    shutil.rmtree(tmp_path)  # 200 MB


def contents(deb: Path) -> dict[str, tarfile.TarInfo]:
    packed = subprocess.run(("dpkg-deb", "--fsys-tarfile", deb), capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        return {member.name.lstrip("."): member for member in archive}


def said(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_agents_packages_hold_the_bundle_and_little_else(agent: tuple[Path, Path]):
    deb, rpm = agent
    assert [f"monitor-agent_{VERSION}_all.deb", f"monitor-agent-{VERSION}-1.noarch.rpm"] == [deb.name, rpm.name]
    found = contents(deb)
    files = {path: member for path, member in found.items() if not member.isdir()}
    modules = {path for path in files if path.startswith("/usr/lib/monitor-agent/")}
    rest = {"/etc/monitor-agent.env", "/usr/bin/monitor-agent", "/usr/share/doc/monitor-agent/copyright"}
    assert {*modules, *rest, "/usr/lib/systemd/system/monitor-agent.service"} == files.keys()
    assert build_bundle().count(b"PK\x01\x02") == len(modules)
    assert [] == [path for path in files if path.endswith(".pyc")]
    assert {"root"} == {member.uname for member in found.values()}
    assert {0o755} == {member.mode for member in found.values() if member.isdir()}
    modes = {path: member.mode for path, member in files.items() if member.mode != 0o644}
    assert {"/etc/monitor-agent.env": 0o600, "/usr/bin/monitor-agent": 0o755} == modes
    fields = [said("dpkg-deb", "--field", deb, name).strip() for name in ("Version", "Architecture", "Depends")]
    assert [VERSION, "all", "python3 (>= 3.9)"] == fields
    assert "/etc/monitor-agent.env\n" == said("dpkg-deb", "--info", deb, "conffiles")
    assert files.keys() == set(said("rpm", "--query", "--package", "--list", rpm).split()) - {
        "/usr/lib/monitor-agent",
        "/usr/share/doc/monitor-agent",
        *(path.rstrip("/") for path, member in found.items() if member.isdir()),
    }
    settings = said("rpm", "--query", "--package", "--configfiles", rpm)
    assert "/etc/monitor-agent.env\n" == settings


def test_the_same_commit_gives_the_same_bytes(agent: tuple[Path, Path], tmp_path: Path):
    again = build(PACKAGES["agent"], VERSION, tmp_path)
    assert [path.read_bytes() for path in agent] == [path.read_bytes() for path in again]


def test_scripts_are_what_a_shell_understands():
    for package in PACKAGES.values():
        subprocess.run(("sh", "-n"), input=package.script("after_files"), text=True, check=True)


@pytest.mark.nightly
def test_debian_keeps_the_agents_settings_until_it_is_purged(agent, next_agent, chroot: Chroot):
    chroot.pretend_systemd()
    assert "write API_URL and API_KEY into /etc/monitor-agent.env" in chroot.install(agent[0])
    assert ["enable --quiet monitor-agent.service", "daemon-reload"] == chroot.calls()
    assert any(chroot.file("/usr/lib/monitor-agent").rglob("*.pyc")), "it was compiled"
    chroot.file("/etc/monitor-agent.env").write_text(KEY)
    chroot.file("/active").write_text("monitor-agent.service\n")
    chroot.install(next_agent[0])
    assert ["stop monitor-agent.service", "daemon-reload", "start monitor-agent.service"] == chroot.calls()
    assert NEXT == chroot.run("dpkg-query", "--show", "--showformat=${Version}", "monitor-agent")
    assert "" == chroot.run("dpkg", "--verify", "monitor-agent").replace("??5?????? c /etc/monitor-agent.env\n", "")
    chroot.run("dpkg", "--remove", "monitor-agent")
    assert ["disable --now --quiet monitor-agent.service monitor-agent.service", "daemon-reload"] == chroot.calls()
    assert (KEY, 0o600) == settings_of(chroot, "/etc/monitor-agent.env")
    assert not chroot.file("/usr/lib/monitor-agent").exists()
    chroot.install(agent[0])
    calls = ["enable --quiet monitor-agent.service", "daemon-reload", "start monitor-agent.service"]
    assert calls == chroot.calls(), "it has its key"
    assert "samples that were not sent" in chroot.run("dpkg", "--purge", "monitor-agent")
    assert [] == [path for path in chroot.root.rglob("*monitor-agent*") if path.parent != chroot.file("/srv")]


def settings_of(chroot: Chroot, path: str) -> tuple[str, int]:
    return chroot.file(path).read_text(), chroot.file(path).stat().st_mode & 0o777


@pytest.mark.nightly
def test_a_package_is_not_put_over_what_was_installed_by_hand(agent, chroot: Chroot):
    unit = chroot.file("/etc/systemd/system/monitor-agent.service")
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.touch()
    copy = chroot.file("/agent.deb")
    copy.write_bytes(agent[0].read_bytes())
    assert "of an installation without a package" in chroot.run("dpkg", "--install", "/agent.deb", fails=True)
    unit.unlink()
    chroot.run("dpkg", "--install", "/agent.deb")


@pytest.mark.nightly
def test_rpm_keeps_the_agents_settings(agent, next_agent, chroot: Chroot):
    chroot.pretend_systemd()
    chroot.run("rpm", "--initdb")
    chroot.install(agent[1])
    assert ["enable --quiet monitor-agent.service", "daemon-reload"] == chroot.calls()
    chroot.file("/etc/monitor-agent.env").write_text(KEY)
    chroot.file("/active").write_text("monitor-agent.service\n")
    chroot.install(next_agent[1])
    assert ["stop monitor-agent.service", "daemon-reload", "start monitor-agent.service"] == chroot.calls()
    assert f"monitor-agent-{NEXT}-1.noarch\n" == chroot.run("rpm", "--query", "monitor-agent")
    assert (KEY, 0o600) == settings_of(chroot, "/etc/monitor-agent.env")
    assert '"cpu_value"' in chroot.run("monitor-agent", "--print-payload")
    chroot.run("rpm", "--erase", "monitor-agent")
    assert ["disable --now --quiet monitor-agent.service monitor-agent.service", "daemon-reload"] == chroot.calls()
    assert (KEY, 0o600) == settings_of(chroot, "/etc/monitor-agent.env.rpmsave")
    assert not chroot.file("/usr/lib/monitor-agent").exists()


def test_a_release_needs_a_clean_tree_a_section_and_a_key(tmp_path: Path):
    clone = cloned(tmp_path)
    assert "RELEASE_KEY names no key to sign with" in refused(clone)
    (clone / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n")
    assert "there are changes that are not committed" in refused(clone)
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    said("git", "-C", clone, *identity, "commit", "--quiet", "--all", "--message=Forget the changelog")
    assert f"CHANGELOG.md has no section for {VERSION}" in refused(clone)


def cloned(place: Path) -> Path:
    said("git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", place / "clone")
    return place / "clone"


def refused(clone: Path) -> str:
    done = subprocess.run(("scripts/release",), cwd=clone, capture_output=True, text=True, check=False)
    assert (1, "") == (done.returncode, done.stdout)
    return done.stderr


def test_the_bill_names_what_the_wheel_requires():
    made = bill.bill(VERSION, b"wheel", "commit", datetime(2026, 12, 1, tzinfo=UTC))
    check_bill(made, (ROOT / "requirements" / "runtime.txt").read_text())


def check_bill(made: dict[str, Any], requirements: str) -> None:
    """It has each of the *requirements* once, all of the screen's packages, and a licence of each."""
    wanted = re.findall(r"^([\w.-]+)==([\w.]+)", requirements, re.MULTILINE)
    found = [(each["name"], each["version"]) for each in made["components"] if each["purl"].startswith("pkg:pypi/")]
    assert sorted(wanted) == sorted(found)
    screen = {each["name"] for each in made["components"] if each["purl"].startswith("pkg:npm/")}
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    assert package["dependencies"].keys() <= screen
    assert set() == package["devDependencies"].keys() & screen
    assert all(each["licenses"] for each in made["components"])
    references = [each["bom-ref"] for each in made["components"]]
    assert len(references) == len({*references})


def test_an_unknown_licence_ends_it():
    with pytest.raises(bill.UnknownLicenceError, match="is unknown"):
        bill.known(bill.Component(kind="npm", name="left-pad", version="1.0", licence="", texts=("text",)))
    with pytest.raises(bill.UnknownLicenceError, match="without the text"):
        bill.known(bill.Component(kind="npm", name="left-pad", version="1.0", licence="MIT"))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all of a release, signed by a key made for it."""
    place = tmp_path_factory.mktemp("release")
    clone = cloned(place)
    # What takes minutes to fetch and build, and is made of the same files.
    shutil.copytree(ROOT / "frontend" / "node_modules", clone / "frontend" / "node_modules", symlinks=True)
    built = Path("src/monitor/adapters/http/static/ui")
    shutil.copytree(ROOT / built, clone / built, copy_function=shutil.copyfile)
    (clone / built / "index.html").touch()
    said("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / "key")
    command = ("env", f"RELEASE_KEY={place / 'key'}", f"PYTHON={sys.executable}", "scripts/release")
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (clone / "dist" / "allowed_signers").write_text(f"release {(place / 'key.pub').read_text()}")
    return clone / "dist"


@pytest.fixture(scope="module")
def next_server(release: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same server as a package of the next version."""
    place = shutil.copytree(release, tmp_path_factory.mktemp("next") / "dist")
    command = (sys.executable, "-m", "scripts.packaging", "--version", NEXT, "server", place)
    subprocess.run(command, cwd=ROOT, check=True)
    return next(place.glob(f"monitor_{NEXT}_*.deb")), next(place.glob(f"monitor-{NEXT}-1.*.rpm"))


@pytest.mark.nightly
def test_a_release_is_whole_and_signed(release: Path):
    sums = (release / "SHA256SUMS").read_bytes()
    kinds = [".deb", ".deb", ".gz", ".json", ".rpm", ".rpm", ".whl"]
    assert kinds == sorted(path.suffix for path in release.iterdir() if path.suffix in kinds)
    listed = dict(line.split()[::-1] for line in sums.decode().splitlines())
    assert {path.name for path in release.iterdir()} - listed.keys() == {
        "SHA256SUMS",
        "SHA256SUMS.sig",
        "allowed_signers",
    }
    assert listed == {name: sha256((release / name).read_bytes()).hexdigest() for name in listed}
    verify = ("bash", "-e", "-c", documented("docs/release.md", "sh", "ssh-keygen"))
    assert 0 == subprocess.run(verify, cwd=release, check=False).returncode
    (release / "SHA256SUMS").write_bytes(sums + b"\n")
    assert 0 != subprocess.run(verify, cwd=release, check=False).returncode
    (release / "SHA256SUMS").write_bytes(sums)
    check_bill(json.loads((release / "sbom.cdx.json").read_text()), (release / "requirements.txt").read_text())
    with tarfile.open(release / f"monitor-{VERSION}-image.tar.gz") as archive:
        names = archive.getnames()
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", read("deploy/Dockerfile"), re.MULTILINE)
    for source in " ".join(copied).split():
        assert f"monitor-{VERSION}/{source}" in names


@pytest.mark.nightly
def test_the_servers_package_has_what_its_dependencies_say(release: Path):
    deb = next(release.glob("monitor_*.deb"))
    found = contents(deb)
    assert [] == [path for path in found if path.endswith(".pyc") or "/RECORD" in path or "direct_url.json" in path]
    tags = [each.read() for each in tagged(deb)]
    needed = max(int(minor) for each in tags for minor in re.findall(r"manylinux_2_(\d+)_", each.decode()))
    assert f"2.{needed}" == GLIBC
    assert f"python3.{sys.version_info.minor}," in said("dpkg-deb", "--field", deb, "Depends")


def tagged(deb: Path) -> Iterator[BytesIO]:
    packed = subprocess.run(("dpkg-deb", "--fsys-tarfile", deb), capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        for member in archive:
            if member.name.endswith(".dist-info/WHEEL") and (file := archive.extractfile(member)):
                yield BytesIO(file.read())


def is_ready(port: int) -> bool:
    with suppress(OSError, HTTPException), Client(port) as client:
        return client.get("/readyz").status == 200
    return False


@contextmanager
def served(chroot: Chroot, port: int) -> Iterator[Client]:
    """Run the server of the package, and log in."""
    with chroot.service("monitor", "--port", str(port), user="monitor:monitor"):
        wait_for(lambda: is_ready(port), lambda: chroot.file("/monitor.log").read_text())
        with Client(port) as person:
            person.log_in("admin", PASSWORD)
            yield person


def choose_settings(chroot: Chroot) -> tuple[str, int]:
    """Add to the server's settings, and return them."""
    with chroot.file("/etc/monitor.env").open("a") as file:
        file.write(f"MONITOR_ADMIN_PASSWORD={PASSWORD}\nMONITOR_WATCHES_ITSELF=false\n")
    chosen = settings_of(chroot, "/etc/monitor.env")
    assert 0o600 == chosen[1]
    return chosen


BOTH = "monitor@8000.service monitor@8001.service"
UPGRADED = [f"stop {BOTH}", "daemon-reload", f"start {BOTH}"]
REMOVED = [f"disable --now --quiet monitor.service {BOTH}", "daemon-reload"]
"""What systemctl is asked while both run."""


@pytest.mark.nightly
def test_an_agent_of_the_package_reports_to_the_server_of_the_package(
    release: Path, agent, next_server, chroot: Chroot
):
    """And what it reported outlives an upgrade and a removal of the server."""
    port = free_port()
    chroot.install(next(release.glob("monitor_*.deb")))
    chroot.install(agent[0])
    chosen = choose_settings(chroot)
    with served(chroot, port) as person:
        server = person.post("/api/servers", {"server_name": "web", "ip_address": "192.0.2.1"}).data["id"]
        key = person.post("/api/api-keys", {"name": "web's", "server_id": server}).data["key"]
        url = f"API_URL=http://127.0.0.1:{port}\nAPI_KEY={key}\nINTERVAL=1\n"
        chroot.file("/etc/monitor-agent.env").write_text(url)
        with chroot.service("monitor-agent", user="65534:65534", AGENT_SPOOL="/tmp/agent.spool"):  # noqa: S108
            wait_for(lambda: len(person.get("/api/monitor/data").data) > 2, "three samples")
        (shown,) = person.get("/api/monitor/stats").data["latest_data"]
        assert "web" == shown["server_name"]
        stored = len(person.get("/api/monitor/data").data)
    chroot.pretend_systemd()
    chroot.file("/active").write_text(BOTH.replace(" ", "\n") + "\n")
    chroot.install(next_server[0])
    assert UPGRADED == chroot.calls()
    # Root's command has the server's settings, and what it writes is the server's.
    chroot.run("monitor", "backup", "/var/lib/monitor/backup")
    assert chroot.file("/var/lib/monitor").stat().st_uid == chroot.file("/var/lib/monitor/backup").stat().st_uid != 0
    with served(chroot, port) as person:
        assert stored <= len(person.get("/api/monitor/data").data)
    chroot.run("dpkg", "--remove", "monitor")
    assert REMOVED == chroot.calls()
    assert chosen == settings_of(chroot, "/etc/monitor.env")
    assert chroot.file("/var/lib/monitor/monitor.db").exists()
    assert not chroot.file("/usr/lib/monitor").exists()
    said_at_the_end = chroot.run("dpkg", "--purge", "monitor")
    assert "all data and their keys are kept. To remove them too: rm -r /var/lib/monitor" in said_at_the_end
    assert chroot.file("/var/lib/monitor/monitor.db").exists()
    assert not chroot.file("/etc/monitor.env").exists()


@pytest.mark.nightly
def test_rpm_keeps_the_servers_data_and_settings(release: Path, next_server, chroot: Chroot):
    chroot.pretend_systemd()
    chroot.run("rpm", "--initdb")
    port = free_port()
    chroot.install(next(release.glob(f"monitor-{VERSION}-1.*.rpm")))
    assert ["enable --quiet monitor.service", "daemon-reload", "start monitor.service"] == chroot.calls()
    chosen = choose_settings(chroot)
    with served(chroot, port) as person:
        person.post("/api/servers", {"server_name": "web", "ip_address": "192.0.2.1"})
    chroot.file("/active").write_text(BOTH.replace(" ", "\n") + "\n")
    chroot.install(next_server[1])
    assert UPGRADED == chroot.calls()
    assert f"monitor-{NEXT}-1." in chroot.run("rpm", "--query", "monitor")
    assert chosen == settings_of(chroot, "/etc/monitor.env")
    with served(chroot, port) as person:
        assert ["web"] == [each["server_name"] for each in person.get("/api/servers").data]
    chroot.run("rpm", "--erase", "monitor")
    assert REMOVED == chroot.calls()
    assert chosen == settings_of(chroot, "/etc/monitor.env.rpmsave")
    assert chroot.file("/var/lib/monitor/monitor.db").exists()
    assert not chroot.file("/usr/lib/monitor").exists()
