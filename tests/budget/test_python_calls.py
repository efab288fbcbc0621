"""Python calls for a sample: where it is taken, where it is stored, and where it is compared with policies."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from monitor.adapters.agent.clock import now
from monitor.adapters.agent.probes.probe import Sampler
from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.spool import Spool
from monitor.adapters.http.edge.protocol import http_protocol
from monitor.application.alerts.evaluating.alerting import Alerting
from tests.budget.counting import Profile
from tests.budget.ledger import CALLS, Ledger, per
from tests.budget.scene import EVERY, IDLE, SERVERS, FleetScene
from tests.integration.http.reporting import BATCH, SINGLE
from tests.integration.http.world import World, agent, report

ALONE = "a sample over HTTP, from the request to the commit"
WITHOUT_A_TASK = "a sample that a server takes, from the bytes of the request to those of the answer"
OF_A_BATCH = f"a sample of a batch of {SERVERS} over HTTP"
OF_A_GROUP = f"a sample of a group of {SERVERS} that is stored"
IDLE_ONE = "an idle sample that is evaluated, with 3 policies of each kind"
OF_THE_AGENT = "a sample that the agent takes and spools"
WORKS = (ALONE, WITHOUT_A_TASK, OF_A_BATCH, OF_A_GROUP, IDLE_ONE, OF_THE_AGENT)
GROUPS = 4
OF_THE_HOST = tuple(
    f"adapters/agent/probes/{name}"
    for name in ("extra pressure", "extra raid", "extra inodes", "extra _", "sample read_small")
)
"""What it reads depends on the kernel of the machine that runs the test."""
OF_TIME = ("adapters/http/operations/living ", "adapters/http/live/hub ")
"""What they do depends on how long the test takes."""


@pytest.fixture(scope="module")
def scene(profile: Profile, world: World) -> FleetScene:
    return FleetScene(world)


def check(work: str, samples: int, found: Counter[str], without: tuple[str, ...] = ()) -> None:
    counted = Counter({name: count for name, count in found.items() if not name.startswith(without)})
    Ledger().check(CALLS, work, per(samples, counted))


def test_a_sample_that_is_sent_alone(profile: Profile, scene: FleetScene) -> None:
    def send(count: int) -> None:
        for n in range(count):
            body = report(IDLE, IDLE, IDLE, interval=EVERY, ip_address=f"192.0.2.{n + 1}")
            assert 200 == scene.world.send("POST", SINGLE, agent(scene.key), json=body).status_code

    send(1)
    scene.world.later(seconds=EVERY)
    with profile.calls() as found:
        send(SERVERS)
    check(ALONE, SERVERS, found, OF_TIME)


class Wire(asyncio.Transport):
    """A connection whose other end is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Event()
        self.answer = b""

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: Any) -> None:
        self.answer = data
        self.written.set()


def test_a_sample_that_a_server_takes_without_a_task(profile: Profile, scene: FleetScene) -> None:
    application = scene.world.application
    protocol = http_protocol(application.connections, application.take)
    config = uvicorn.Config(application.asgi, http=protocol, log_config=None, access_log=False)
    config.load()

    async def send(count: int) -> None:
        for n in range(count):
            body = json.dumps(report(IDLE, IDLE, IDLE, interval=EVERY, ip_address=f"192.0.2.{n + 1}"))
            head = f"POST {SINGLE} HTTP/1.1\r\nX-API-Key: {scene.key}\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.data_received(f"{head}{body}".encode())
            await wire.written.wait()
            wire.written.clear()
            assert wire.answer.startswith(b"HTTP/1.1 200 ")

    async def measure() -> Counter[str]:
        connection.connection_made(wire)
        await send(1)
        scene.world.later(seconds=EVERY)
        with profile.calls() as found:
            await send(SERVERS)
        connection.connection_lost(None)
        return found

    wire, connection = Wire(), protocol(config=config, server_state=ServerState(), app_state={})
    check(WITHOUT_A_TASK, SERVERS, scene.world.run(measure()), OF_TIME)


def test_a_sample_of_a_batch(profile: Profile, scene: FleetScene) -> None:
    scene.world.later(seconds=EVERY)
    at = scene.world.clock.now().isoformat()
    one = report(IDLE, IDLE, IDLE, interval=EVERY, recorded_at=at)
    body = {"samples": [one | {"ip_address": f"192.0.2.{n + 1}"} for n in range(SERVERS)]}
    with profile.calls() as found:
        answer = scene.world.send("POST", BATCH, agent(scene.key), json=body)
    assert SERVERS == answer.text.count('"stored"')
    check(OF_A_BATCH, SERVERS, found, OF_TIME)


def test_a_sample_of_a_group(profile: Profile, scene: FleetScene) -> None:
    groups: Counter[str] = Counter()
    for _ in range(GROUPS):
        samples = scene.next_samples()
        with profile.calls() as found:
            scene.stored(samples)
        groups += found
    check(OF_A_GROUP, GROUPS * SERVERS, groups)


def test_an_idle_sample_that_is_evaluated(profile: Profile, scene: FleetScene) -> None:
    groups: Counter[str] = Counter()
    alerting = scene.world.container.get(Alerting)
    for _ in range(GROUPS):
        samples = scene.next_samples()
        with scene.world.container.uow() as uow, profile.calls() as found:
            alerting.evaluate(uow, samples, scene.world.clock.now())
        groups += found
        scene.stored(samples)
    check(IDLE_ONE, GROUPS * SERVERS, groups)


class Host:
    """What psutil says of a host with one file system, one network card and one disk."""

    def __init__(self) -> None:
        self._readings: dict[str, Any] = {
            "cpu_count": 2,
            "cpu_percent": 12.5,
            "virtual_memory": SimpleNamespace(percent=40.0, total=1_000),
            "swap_memory": SimpleNamespace(percent=1.0),
            "disk_usage": SimpleNamespace(percent=70.0),
            "boot_time": 0.0,
            "disk_partitions": [SimpleNamespace(device="/dev/sda1", mountpoint="/", fstype="ext4")],
            "net_io_counters": {"no-such-nic0": SimpleNamespace(bytes_recv=5, bytes_sent=5)},
            "disk_io_counters": {"no-such-disk0": SimpleNamespace(read_bytes=5, write_bytes=5)},
            "sensors_temperatures": {},
        }

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self._readings[name]


def test_a_sample_that_the_agent_takes_and_keeps(profile: Profile, tmp_path: Path) -> None:
    logged: list[str] = []
    sampler = Sampler(EVERY, Host(), logged.append)
    sampler.prime(now())
    sampler.take()  # it looks at the processes of this machine; the next ones do not
    backlog, taken = Backlog(Spool(str(tmp_path / "spool"), logged.append), logged.append), 10
    with profile.calls() as found:
        for _ in range(taken):
            record = sampler.take()
            assert record is not None
            backlog.add(record)
    backlog.close()
    check(OF_THE_AGENT, taken, found, OF_THE_HOST)


def test_no_other_work_has_a_budget_of_calls() -> None:
    Ledger().only(CALLS, WORKS)
