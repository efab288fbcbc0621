"""Containers of a real Podman, and of sockets that answer as Docker does, hang, or send rubbish."""

import json
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.agent.probes.containers import LONGEST_ANSWERS, MOST_CONTAINERS, MOST_MEASURED, Containers
from tests.integration.agent.api import Api, wait_for
from tests.integration.agent.running import agent
from tests.integration.agent.sockets import answering
from tests.integration.deploy.podman import Podman, podman

BUSY = "while :; do :; done"
IDLE = "sleep 1000"


@contextmanager
def engine(running: Podman, folder: Path) -> Iterator[str]:
    """Podman's API on a socket of its own, with an image that holds a shell."""
    image = folder / "image.tar"
    programs = [shutil.which(name) or "" for name in ("sh", "sleep")]
    libraries = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=True).stdout.split()
    with tarfile.open(image, "w", dereference=True) as archive:
        for path in dict.fromkeys([*programs, *(word for word in libraries if word.startswith("/") and ".so" in word)]):
            archive.add(path)
    running.run("import", str(image), "tiny")
    socket = folder / "podman.sock"
    with running.serving(socket):
        wait_for(socket.exists, "Podman's socket")
        yield str(socket)


def start(running: Podman, name: str, script: str) -> None:
    command = ("tiny", shutil.which("sh") or "sh", "-c", script)
    running.run("run", "--detach", f"--name={name}", "--network=none", *running.limits, *command)


def test_a_real_engine(tmp_path: Path) -> None:
    """Started, under load, stopped, started again and removed."""
    with podman() as running, engine(running, tmp_path) as path:
        containers = Containers(lambda: path, 1)
        assert containers.read() == [("containers", 0.0)]
        start(running, "busy", BUSY)
        start(running, "Idle", IDLE)
        found = dict(containers.read())
        assert (found["containers"], found["container:busy:up"], found["container:idle:up"]) == (2, 1, 1)
        assert found["container:busy:cpu"] > 1 > found["container:idle:cpu"]
        assert 1_000 < found["container:idle:memory"] < 1e8
        running.run("stop", "--time=0", "busy")
        found = dict(containers.read())
        assert (found["containers"], found["container:busy:up"]) == (1, 0)
        assert not {"container:busy:cpu", "container:busy:memory"} & found.keys()
        running.run("start", "busy")
        assert dict(containers.read())["container:busy:up"] == 1
        running.run("rm", "--force", "--time=0", "busy")
        assert not [name for name in dict(containers.read()) if "busy" in name]


def named(number: int, state: str = "running") -> dict[str, Any]:
    return {"Id": f"{number:064x}", "Names": [f"/web-{number:03}"], "State": state, "Labels": {"x": "y" * 900}}


class Docker:
    """Answers what a test lists, as Docker does. Each use takes a core since *begun*."""

    def __init__(self, listed: Any) -> None:
        self.listed = listed
        self.paths: list[str] = []
        self.begun = time.monotonic()

    def __call__(self, peer: socket.socket) -> None:
        reader = peer.makefile("rb")
        while line := reader.readline():
            method, path, _ = line.decode().split()
            assert method == "GET"
            self.paths.append(path)
            while reader.readline() != b"\r\n":
                pass
            used = int(1e9 * (time.monotonic() - self.begun))
            stats = {
                "cpu_stats": {"cpu_usage": {"total_usage": used}},
                "memory_stats": {"usage": 5000, "stats": {"inactive_file": 1000}},
            }
            body = json.dumps(self.listed if path.startswith("/containers/json") else stats).encode()
            if path.startswith("/containers/json"):
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            else:  # As Docker sends these.
                peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                peer.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))


def test_two_hundred_containers(tmp_path: Path) -> None:
    """What fits is the same ones each time: all states, and the use of the first by name."""
    docker = Docker([named(number) for number in reversed(range(250))])
    with answering(tmp_path / "s", docker) as path:
        containers = Containers(lambda: path, 4)
        first, second = containers.read(), containers.read()
    assert [name for name, _ in first] == [name for name, _ in second]
    found = dict(second)
    assert len([name for name in found if name.endswith(":up")]) == MOST_CONTAINERS
    assert len([name for name in found if name.endswith(":memory")]) == MOST_MEASURED
    assert found["containers"] == 250
    assert found["container:web-000:memory"] == 4000
    assert 5 < found["container:web-000:cpu"] <= 100


ODD = [
    {"Id": "../../etc", "Names": ["/a"], "State": "running"},
    {"Id": 7, "Names": ["/a"], "State": "running"},
    {"Id": "ab", "Names": [], "State": "running"},
    {"Id": "ab", "Names": [None], "State": "running"},
    {"Id": "ab", "State": "running"},
    "text",
    None,
    {"Id": "cd", "Names": ["/Ünïcode \n\x1b[31m/name"], "State": ["running"]},
    {"Id": "ef", "Names": ["/" + "long" * 100], "State": "exited"},
]


def test_odd_entries_are_left_out_or_get_names_that_fit(tmp_path: Path) -> None:
    with answering(tmp_path / "s", Docker(ODD)) as path:
        found = Containers(lambda: path, 1).read()
    assert [value for _, value in found] == [0.0, 0.0, 0.0]
    assert all(len(name) <= 64 and name.isascii() for name, _ in found)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


RUBBISH = {
    "nothing": b"",
    "no HTTP": b"\0" * 1000,
    "a line without an end": b"HTTP/1.1 200 OK" + b"x" * 100_000,
    "headers without an end": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 10_000,
    "no list": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[[",
    "deep JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"[" * 200_000,
    "a huge length": b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n[",
    "a negative chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    "an error": b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_an_error(tmp_path: Path, rubbish: bytes) -> None:
    def send(peer: socket.socket) -> None:
        peer.recv(1000)
        peer.sendall(rubbish)

    with answering(tmp_path / "s", send) as path, pytest.raises((OSError, ValueError, RecursionError)):
        Containers(lambda: path, 1).read()


def test_of_an_endless_answer_little_is_read(tmp_path: Path) -> None:
    sent = [0]

    def flood(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            peer.sendall(chunk(b" " * 60_000))
            sent[0] += 60_000

    with answering(tmp_path / "s", flood) as path, pytest.raises(ValueError, match="too long"):
        Containers(lambda: path, 1).read()
    assert sent[0] < 2 * LONGEST_ANSWERS


@pytest.mark.nightly
def test_an_agent_loses_no_sample_to_an_engine_that_hangs(api: Api, tmp_path: Path) -> None:
    docker, hangs = Docker([named(1)]), [False]

    def serve(peer: socket.socket) -> None:
        if hangs[0]:
            time.sleep(60)
        docker(peer)

    with (
        answering(tmp_path / "s", serve) as path,
        agent(tmp_path, API_URL=api.url, AGENT_CONTAINERS=path) as running,
    ):
        wait_for(lambda: api.extra.get("container:web-001:up") == 1, "the container")
        hangs[0] = True
        wait_for(lambda: "container:web-001:up" not in api.extra, "samples without it")
        before = len(api.requests)
        began = time.monotonic()
        wait_for(lambda: len(api.requests) >= before + 4, "samples on time")
        assert time.monotonic() - began < 6
        hangs[0] = False
        wait_for(lambda: api.extra.get("container:web-001:up") == 1, "the container again")
        assert running.stop_at_once() == 0
    assert [line for line in running.said if "AGENT_CONTAINERS" in line and "timed out" in line]


def test_a_socket_that_is_not_there_is_logged_once(api: Api, tmp_path: Path) -> None:
    with agent(tmp_path, API_URL=api.url, AGENT_CONTAINERS=str(tmp_path / "none")) as running:
        wait_for(lambda: len(api.requests) >= 3, "samples")
        assert running.stop() == 0
    assert len([line for line in running.said if "AGENT_CONTAINERS" in line]) == 1
    assert "containers" not in api.extra
