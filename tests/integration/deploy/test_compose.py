"""compose.yaml as Docker Compose itself reads it: what each profile starts, and that all it names is there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.settings import load
from scripts.system import SEARCH_PATH
from tests.documents import documented

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is installed from Debian alone")
DEPLOY = Path(__file__).parents[3] / "deploy"
ALONE = {"monitor"}
PROFILES = {
    "": ALONE,
    "mysql": ALONE | {"mariadb"},
    "cluster": ALONE | {"monitor-2", "galera-1", "galera-2", "galera-3", "haproxy", "nginx"},
}


def chosen(profile: str) -> dict[str, str]:
    """Return the variables of a profile, as deploy/README.md writes them."""
    beginning = {"mysql": "# With MariaDB", "cluster": "# Two processes"}
    if not profile:
        return {"COMPOSE_PROFILES": "", "DB_HOST": "", "DB_PASS": ""}
    lines = documented("deploy/README.md", "sh", beginning[profile]).splitlines()[1:]
    return dict(line.split("=", 1) for line in lines)


def read(profile: str) -> Any:
    """The whole configuration, with nothing left to fill in."""
    program = shutil.which("docker-compose", path=SEARCH_PATH)
    assert program is not None, "Docker Compose is not installed"
    done = subprocess.run(
        (program, "--file", DEPLOY / "compose.yaml", "config", "--format", "json"),
        env={"PATH": SEARCH_PATH, "HOME": os.environ.get("HOME", "/"), **chosen(profile)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    return json.loads(done.stdout)


def addresses(services: dict[str, Any]) -> dict[str, str]:
    networks = {name: service["networks"]["default"] or {} for name, service in services.items()}
    return {name: network["ipv4_address"] for name, network in networks.items() if "ipv4_address" in network}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_starts_these(profile: str):
    assert PROFILES[profile] == set(read(profile)["services"])


@pytest.mark.parametrize("profile", PROFILES)
def test_each_file_is_there(profile: str):
    for name, service in read(profile)["services"].items():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert Path(volume["source"]).is_file(), f"{name} mounts {volume['source']}"
                assert volume["read_only"]
        if "build" in service:
            assert (Path(service["build"]["context"]) / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("profile", PROFILES)
def test_monitor_understands_its_settings(profile: str, tmp_path: Path):
    services = read(profile)["services"]
    for name in {"monitor", "monitor-2"} & set(services):
        settings = load(services[name]["environment"], data_dir=tmp_path)
        host = chosen(profile)["DB_HOST"]
        assert (f"@{host}:3306/monitor_db" if host else "sqlite:///") in settings.database_url
        assert ["172.30.83.1/32", "172.30.83.10/32"] == [str(network) for network in settings.trusted_proxies]


@pytest.mark.parametrize("profile", PROFILES)
def test_no_container_of_ours_has_privileges_or_is_open_to_others(profile: str):
    for name, service in read(profile)["services"].items():
        assert all(port["host_ip"] == "127.0.0.1" for port in service.get("ports", [])), name
        if service["image"].startswith("docker.io/library/mariadb:"):
            continue
        assert service["read_only"], name
        assert ["ALL"] == service["cap_drop"], name


def test_all_of_the_cluster_agree_on_addresses():
    configuration = read("cluster")
    services = configuration["services"]
    given = addresses(services)
    (network,) = configuration["networks"]["default"]["ipam"]["config"]
    nodes = [given[f"galera-{number}"] for number in (1, 2, 3)]
    processes = [given["monitor"], given["monitor-2"]]
    assert nodes == re.findall(r"^ +server \S+ (\S+):3306", (DEPLOY / "haproxy/haproxy.cfg").read_text(), re.MULTILINE)
    assert processes * 2 == re.findall(r"^ +server (\S+):8000", (DEPLOY / "nginx/nginx.conf").read_text(), re.MULTILINE)
    assert f"gcomm://{','.join(nodes)}\n" in (DEPLOY / "galera" / "galera.cnf").read_text()
    trusted = services["monitor"]["environment"]["MONITOR_TRUSTED_PROXIES"]
    assert [network["gateway"], given["nginx"]] == trusted.split(",")
    assert {"172.30.83"} == {address.rpartition(".")[0] for address in given.values()}


def test_both_processes_have_the_same_secrets():
    """They are generated in the data directory."""
    services = read("cluster")["services"]
    first, second = (services[name]["volumes"] for name in ("monitor", "monitor-2"))
    assert first == second
    assert [("monitor", "/data")] == [(volume["source"], volume["target"]) for volume in first]


def test_the_second_process_starts_as_the_first_does_and_after_it():
    """So both migrate (the image's own command says so), and a new image replaces them one after the other."""
    services = read("cluster")["services"]
    assert (None, None) == (services["monitor"]["command"], services["monitor-2"]["command"])
    assert "service_healthy" == services["monitor-2"]["depends_on"]["monitor"]["condition"]
