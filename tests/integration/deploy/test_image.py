"""The image is built, and runs with a read-only root and no privileges; its data outlive the container."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, wait_for
from tests.integration.deploy.podman import IMAGE, Podman, podman
from tests.integration.http.world import report
from tests.integration.ports import free_port

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Podman runs in a virtual machine"),
]
PYTHON = "/opt/monitor/bin/python"
LARGEST = 200_000_000
"""Bytes of all files of the image. It begins with Debian's packages here: python:3.13-slim was not measured."""


@dataclass(frozen=True, slots=True)
class Container:
    podman: Podman
    name: str
    port: int

    def start(self) -> None:
        """On the same volume each time."""
        self.podman.start(
            self.name,
            "data",
            MONITOR_HOST="127.0.0.1",
            MONITOR_PORT=str(self.port),
            MONITOR_ADMIN_PASSWORD=PASSWORD,
        )
        wait_for(self.is_healthy, "a healthy container")

    def is_healthy(self) -> bool:
        return self.podman.succeeds("healthcheck", "run", self.name)

    def shown(self, what: str) -> str:
        return self.podman.run("inspect", f"--format={{{{{what}}}}}", self.name).strip()

    def evaluate(self, expression: str) -> str:
        """What it is in the container."""
        return self.podman.run("exec", self.name, PYTHON, "-c", f"import os, pathlib; print({expression})").strip()

    def fails_to(self, do: str) -> str:
        """Why it can't *do* it."""
        said = self.podman.run("exec", self.name, PYTHON, "-c", f"import pathlib; {do}", fails=True)
        return said.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    with podman() as running:
        running.build()
        started = Container(running, "monitor", free_port())
        started.start()
        yield started


def test_it_runs_as_nobody_special(container: Container):
    status = container.evaluate("pathlib.Path('/proc/1/status').read_text()")
    found = dict(re.findall(r"^(Uid|Gid|CapEff|NoNewPrivs):\t(\w+)", status, re.MULTILINE))
    assert {"Uid": "10001", "Gid": "10001", "CapEff": "0000000000000000", "NoNewPrivs": "1"} == found


@pytest.mark.parametrize("folder", ["/", "/opt/monitor", "/etc"])
def test_it_can_write_to_its_data_alone(container: Container, folder: str):
    assert "true" == container.shown(".HostConfig.ReadonlyRootfs")
    assert "Read-only file system" in container.fails_to(f"pathlib.Path('{folder}/x').touch()")
    assert "10001" == container.evaluate("os.stat('/data/monitor.db').st_uid")


def test_it_holds_nothing_that_builds_or_installs(container: Container):
    assert "No module named 'pip'" in container.fails_to("import pip")
    assert "['data']" == container.evaluate("[each for each in os.listdir('/') if each in ('build', 'data')]")


def test_it_is_small(container: Container):
    assert int(container.podman.run("image", "inspect", "--format={{.Size}}", IMAGE)) <= LARGEST


def test_what_was_left_out_is_not_missed(container: Container):
    """Neither for the API's own description, nor for the page that shows it, nor for a start without compiling."""
    with Client(container.port) as person:
        pages = ["/schema/openapi.json", "/schema", "/schema/files/swagger-ui-bundle.js"]
        assert {200} == {person.get(page).status for page in pages}
    assert "True" == container.evaluate("os.path.exists(__import__('sqlalchemy').__cached__)")


def test_its_health_is_that_of_the_server(container: Container):
    assert "healthy" == container.shown(".State.Health.Status")
    check = json.loads(container.podman.run("inspect", "--format={{json .Config.Healthcheck.Test}}", container.name))
    assert "CMD" == check[0]
    assert container.podman.succeeds("exec", container.name, *check[1:])
    nobody = f"--env=MONITOR_PORT={free_port()}"
    assert not container.podman.succeeds("exec", nobody, container.name, *check[1:])


def test_it_shows_the_screen(container: Container):
    with Client(container.port) as person:
        page = person.get("/").body.decode()
        (script,) = re.findall(r'<script type="module"[^>]* src="(/assets/[^"]+)"', page)
        assert 200 == person.get(script).status


def admin(container: Container) -> Client:
    client = Client(container.port)
    client.log_in("admin", PASSWORD)
    return client


def samples(container: Container) -> list[Any]:
    with admin(container) as person:
        stored: list[Any] = person.get("/api/monitor/data").data
        return stored


def test_what_it_stored_outlives_the_container(container: Container):
    with admin(container) as person:
        server_id = person.post("/api/servers", {"server_name": "web", "ip_address": "192.0.2.1"}).data["id"]
        key = person.post("/api/api-keys", {"name": "web's", "server_id": server_id}).data["key"]
    with Client(container.port, key=key) as agent:
        assert 200 == agent.post("/api/monitor/data", report()).status
    stored = samples(container)
    assert 1 == len(stored)
    container.podman.run("stop", "--time=30", container.name)
    assert "0" == container.shown(".State.ExitCode"), "it ended in order"
    container.podman.run("rm", container.name)
    container.start()
    assert stored == samples(container)
    with Client(container.port, key=key) as agent:
        assert 200 == agent.post("/api/monitor/data", report()).status


def test_it_runs_any_other_command_too(container: Container):
    assert "serve" in container.podman.run("run", "--rm", "--network=none", *container.podman.limits, IMAGE, "--help")
