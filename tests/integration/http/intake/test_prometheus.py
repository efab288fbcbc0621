"""POST /api/prometheus/write: who may write, what is refused, what it becomes, and when it is acknowledged."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import pytest

from monitor.adapters.http.intake import write_targets
from monitor.adapters.http.intake.remote_write import MAX_PACKED
from monitor.application.history.sealing import SealHistory
from monitor.application.intake.queue import IntakeQueue
from monitor.application.intake.scrapes import PruneScrapes
from monitor.domain.fleet.servers import ServerId
from tests.integration.http.conftest import NewWorld
from tests.integration.http.faulty_store import FaultyStore
from tests.integration.http.world import ANONYMOUS, Caller, Json, World, agent, bearer
from tests.remote_writes import HEADERS, STALE, Series, body, host_series

WRITE = "/api/prometheus/write"
NOW = 1_893_499_200_000
"""The clock of a world: 2030-01-01 12:00, in milliseconds."""
ADDRESS = "10.0.0.5"


def write(world: World, caller: Caller, content: Iterable[Series] | bytes, **headers: str) -> httpx.Response:
    sent = content if isinstance(content, bytes) else body(content)
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.send("POST", WRITE, caller, content=sent, headers={**HEADERS, **more})


def scrapes(*seconds: int, **more: Any) -> list[Series]:
    """Return scrapes so many seconds ago."""
    return [each for ago in seconds for each in host_series(NOW - ago * 1000, seconds=1000 - ago, **more)]


def samples(world: World, server_id: ServerId | None = None) -> list[Json]:
    rows: list[Json] = world.send(
        "GET", "/api/monitor/data", world.admin, params={"server_id": server_id} if server_id else {}
    ).json()["data"]
    return rows


def unregistered(world: World) -> dict[str, Json]:
    rows = world.send("GET", "/api/servers/unregistered", world.admin).json()["data"]
    return {row["ip_address"]: row for row in rows}


@pytest.fixture
def server_id(world: World) -> ServerId:
    return world.server(ADDRESS, name="Web-1")


@pytest.fixture
def sender(world: World, server_id: ServerId) -> Caller:
    return agent(world.server_key(server_id))


def test_two_scrapes_are_a_sample(world: World, server_id: ServerId, sender: Caller) -> None:
    for ago in (15, 0):
        answer = write(world, sender, scrapes(ago))
        assert (204, b"") == (answer.status_code, answer.content)
        assert "content-length" not in answer.headers
        assert "nosniff" == answer.headers["x-content-type-options"]
    [sample] = samples(world)
    assert server_id == sample["server_id"]
    assert "2030-01-01 12:00:00" == sample["recorded_at"]
    assert (30.0, 60.0, 20.0) == (sample["cpu_value"], sample["memory_value"], sample["disk_value"])
    assert {"load1": 0.5, "net_rx": 1000.0, "net_rx:eth0": 1000.0, "disk:/": 20.0} == sample["extra"]
    stats = world.send("GET", "/api/monitor/stats", world.admin).json()["data"]
    assert 1 == stats["online_servers"]


def test_the_same_again_and_in_parts_is_stored_once(world: World, sender: Caller) -> None:
    for content in (scrapes(15)[:5], scrapes(0)[:7], scrapes(15), scrapes(0), scrapes(15, 0)):
        assert 204 == write(world, sender, content).status_code
    assert 1 == len(samples(world))


def test_what_comes_of_a_scrape_once_its_hour_is_sealed_is_kept(
    world: World, server_id: ServerId, sender: Caller
) -> None:
    """A sender that was cut off sends what it kept through several connections, minutes apart."""
    kept = scrapes(7215, 7200)
    rest = [each for each in kept if each[0]["__name__"] == "node_load1"]
    assert 204 == write(world, sender, [each for each in kept if each not in rest]).status_code

    def seal() -> None:
        for _ in world.container.get(SealHistory)(world.clock.now()):
            pass

    def load() -> list[float | None]:
        points = world.send(
            "GET",
            f"/api/servers/{server_id}/series",
            world.admin,
            params={"start": "2030-01-01 09:00:00", "end": "2030-01-01 11:00:00", "metrics": "load1"},
        ).json()["data"]
        return [value for value in points["load1"]["avg"] if value is not None]

    seal()
    assert [] == load()
    assert 204 == write(world, sender, rest).status_code
    assert [0.5] == load()
    seal()
    assert [0.5] == load()
    [chunk] = world.container.queries.history.chunks(server_id, 0, 2**31 - 1)
    assert (1, 1) == (chunk.samples, chunk.raw_samples)


def test_an_agent_on_the_same_host_is_not_overwritten(world: World, server_id: ServerId, sender: Caller) -> None:
    assert 200 == world.report(sender.headers["X-API-Key"], "2030-01-01 12:00:00", cpu=77).status_code
    assert 204 == write(world, sender, scrapes(15, 0)).status_code
    assert [77.0] == [row["cpu_value"] for row in samples(world)]


def _basic(key: str) -> str:
    return "Basic " + b64encode(f"anyone:{key}".encode()).decode()


@pytest.mark.parametrize("way", [lambda key: f"Bearer {key}", _basic, lambda key: _basic(key).replace("B", "b", 1)])
def test_the_key_may_also_be_a_bearer_token_or_the_password_of_basic(
    world: World, server_id: ServerId, way: Any
) -> None:
    caller = Caller(headers={"Authorization": way(world.server_key(server_id))})
    assert 204 == write(world, caller, scrapes(15, 0)).status_code
    assert 1 == len(samples(world))


@pytest.mark.parametrize(
    "caller",
    [
        ANONYMOUS,
        agent("nonsense"),
        bearer("nonsense"),
        Caller(headers={"Authorization": "Basic !!!"}),
        Caller(headers={"Authorization": "Basic /////w=="}),
        Caller(headers={"Authorization": _basic("")}),
        Caller(headers={"Authorization": "Digest x"}),
    ],
)
def test_other_keys_are_refused(world: World, caller: Caller) -> None:
    answer = write(world, caller, scrapes(15, 0))
    assert (401, "invalid_api_key") == (answer.status_code, answer.json()["data"]["reason"])


def test_a_token_of_a_person_is_no_key(world: World) -> None:
    assert 401 == write(world, world.admin, scrapes(15, 0)).status_code
    assert 401 == write(world, world.token(world.admin), scrapes(15, 0)).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Encoding": "zstd"},
        {"Content_Encoding": "gzip"},
        {"Content_Encoding": "identity"},
        {"Content_Type": "application/json"},
        {"Content_Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"},
    ],
)
def test_other_encodings_are_415(world: World, sender: Caller, headers: Mapping[str, str]) -> None:
    answer = write(world, sender, scrapes(15, 0), **headers)
    assert (415, "unsupported_media_type") == (answer.status_code, answer.json()["data"]["reason"])
    assert [] == samples(world)


def test_the_type_may_name_the_message_of_version_1(world: World, sender: Caller) -> None:
    kind = "application/x-protobuf; proto=prometheus.WriteRequest"
    assert 204 == write(world, sender, scrapes(15, 0), Content_Type=kind).status_code


def test_the_question_of_vmagent_for_its_own_protocol_is_400(world: World, sender: Caller) -> None:
    answer = world.send("POST", f"{WRITE}?get_vm_proto_version=1", sender, headers={"Accept-Language": "en"})
    assert (400, {"body": "required"}) == (answer.status_code, answer.json()["data"]["fields"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "required"),
        (b"not snappy", "is not in the block format of snappy"),
        (body(scrapes(15, 0))[:-3], "is not in the block format of snappy"),
        (b"\x80\x94\xeb\xdc\x03\x00", "has more than 32000000 bytes unpacked"),
    ],
)
def test_what_is_broken_is_400_and_stores_nothing(world: World, sender: Caller, content: bytes, said: str) -> None:
    answer = write(world, sender, content, Accept_Language="en")
    assert (400, {"body": said}) == (answer.status_code, answer.json()["data"]["fields"])
    assert 204 == write(world, sender, scrapes(0)).status_code
    assert [] == samples(world)


def test_a_body_that_is_too_long_is_413(world: World, sender: Caller) -> None:
    assert 413 == write(world, sender, b"x" * (MAX_PACKED + 1)).status_code


def test_too_many_scrapes_in_one_request_are_400(world: World, sender: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_targets, "MAX_PARTS", 2)
    assert 204 == write(world, sender, scrapes(30, 15)).status_code
    assert 400 == write(world, sender, scrapes(10, 5, 0)).status_code


def test_more_targets_than_a_server_may_have_are_400_and_the_rest_is_stored(world: World, server_id: ServerId) -> None:
    world.server("10.0.0.6", name="Web-2")
    jobs: list[Series] = [
        ({"__name__": "node_load1", "instance": ADDRESS, "job": f"j{number}"}, [(NOW, 1.0)]) for number in range(150)
    ]
    content = [*jobs, *scrapes(15, 0, instance="10.0.0.6:9100")]
    answer = write(world, agent(world.fleet_key()), content, Accept_Language="en")
    said = "has more than 100 targets of one server in ten minutes"
    assert (400, {"body": said}) == (answer.status_code, answer.json()["data"]["fields"])
    assert 1 == len(samples(world))
    assert {"stored": 1, "rejected": 50, "committed": 1} == counted(world)


def test_times_that_are_not_accepted_are_left_out(world: World, server_id: ServerId, sender: Caller) -> None:
    assert 204 == write(world, sender, scrapes(-61, 15, 0)).status_code
    assert 1 == len(samples(world))
    for ago, code in ((-61, "is in the future"), (401 * 86400, "is older than the retention period")):
        answer = write(world, sender, scrapes(ago), Accept_Language="en")
        assert (400, {"timestamp": code}) == (answer.status_code, answer.json()["data"]["fields"])
    assert 61 == world.container.fleet.clock_skew[server_id]
    for at in (-(2**63), 2**63 - 1, -1):
        assert 400 == write(world, sender, host_series(at)).status_code
    assert 204 == write(world, sender, scrapes(1)).status_code
    assert server_id not in world.container.fleet.clock_skew


def test_what_is_not_used_is_acknowledged(world: World, sender: Caller) -> None:
    assert 204 == write(world, sender, [({"__name__": "go_threads"}, [(NOW, 7.0)])]).status_code
    assert 204 == write(world, sender, [({}, [(NOW, 7.0)])]).status_code


def test_values_that_are_no_numbers_are_none(world: World, sender: Caller) -> None:
    inf = float("inf")
    broken: list[Series] = [
        (labels, [(at, value) for at, _ in points]) for labels, points in scrapes(30) for value in [inf]
    ]
    ended: list[Series] = [(labels, [(at, STALE) for at, _ in points]) for labels, points in scrapes(15)]
    for content in (scrapes(45), broken, ended, scrapes(0)):
        assert 204 == write(world, sender, content).status_code
    assert [30.0] == [row["cpu_value"] for row in samples(world)]


def test_the_key_of_a_server_takes_any_instance(world: World, server_id: ServerId, sender: Caller) -> None:
    assert 204 == write(world, sender, scrapes(15, 0, instance="localhost:9100")).status_code
    assert [server_id] == [row["server_id"] for row in samples(world)]


@pytest.mark.parametrize(
    ("address", "instance"),
    [
        (ADDRESS, f"{ADDRESS}:9100"),
        (ADDRESS, ADDRESS),
        (ADDRESS, "web-1:9100"),
        (ADDRESS, " WEB-1 "),
        ("2001:db8::5", "[2001:DB8:0::5]:9100"),
        ("2001:db8::5", "2001:db8::5"),
    ],
)
def test_with_a_fleet_key_the_instance_says_which_server(world: World, address: str, instance: str) -> None:
    wanted = world.server(address, name="Web-1")
    world.server("10.0.0.6", name="Web-2")
    assert 204 == write(world, agent(world.fleet_key()), scrapes(15, 0, instance=instance)).status_code
    assert [wanted] == [row["server_id"] for row in samples(world)]
    assert {} == unregistered(world)


def test_one_request_may_be_of_many_hosts(world: World) -> None:
    hosts = {world.server(f"10.0.0.{number}", name=f"n{number}"): f"10.0.0.{number}:9100" for number in range(1, 6)}
    content = [each for instance in hosts.values() for each in scrapes(15, 0, instance=instance)]
    assert 204 == write(world, agent(world.fleet_key()), content).status_code
    assert hosts.keys() == {row["server_id"] for row in samples(world)}


def test_unknown_hosts_are_listed_as_unregistered(world: World, server_id: ServerId) -> None:
    fleet = agent(world.fleet_key())
    content = [
        *scrapes(15, 0),
        *scrapes(15, 0, instance="10.9.9.9:9100"),
        *scrapes(0, instance="db-7.example.com:9100"),
    ]
    assert 204 == write(world, fleet, content).status_code
    assert [server_id] == [row["server_id"] for row in samples(world)]
    found = unregistered(world)
    assert {"10.9.9.9", "db-7.example.com"} == found.keys()
    row = found["10.9.9.9"]
    assert (30.0, 60.0, 20.0) == (row["cpu_value"], row["memory_value"], row["disk_value"])
    made = {"server_name": "db-7.example.com", "ip_address": "10.0.0.7"}
    assert 200 == world.send("POST", "/api/servers", world.admin, json=made).status_code
    assert {"10.9.9.9"} == unregistered(world).keys()
    assert 204 == write(world, fleet, scrapes(15, 0, instance="db-7.example.com:9100")).status_code
    assert {"10.9.9.9"} == unregistered(world).keys()
    assert 2 == len(samples(world))


def test_other_exporters_register_no_host(world: World) -> None:
    series: Series = ({"__name__": "mysql_up", "instance": "10.9.9.8:9104"}, [(NOW, 1.0)])
    assert 204 == write(world, agent(world.fleet_key()), [series]).status_code
    assert {} == unregistered(world)


def test_a_name_that_two_servers_have_finds_neither(world: World, server_id: ServerId) -> None:
    world.server("10.0.0.6", name="web-1")
    assert 204 == write(world, agent(world.fleet_key()), scrapes(15, 0, instance="web-1:9100")).status_code
    assert [] == samples(world)
    assert {} == unregistered(world)


def test_metrics_that_the_settings_list_are_kept_under_their_own_names(world: World, sender: Caller) -> None:
    def app(ago: int, value: float) -> list[Series]:
        name = {"__name__": "App_queue", "instance": "other:1", "job": "app"}
        return [
            (name, [(NOW - ago * 1000, value)]),
            (name | {"queue": "Mails out", "zone": "b"}, [(NOW - ago * 1000, value + 1)]),
            (name | {"__name__": "app_other"}, [(NOW - ago * 1000, 99.0)]),
        ]

    assert 204 == write(world, sender, [*scrapes(30, 15), *app(16, 5.0)]).status_code
    assert {"app_queue"}.isdisjoint(samples(world)[0]["extra"])
    changed = world.send("PUT", "/api/settings", world.admin, json={"prometheus_metrics": ["App_queue"]})
    assert 200 == changed.status_code
    assert 204 == write(world, sender, [*app(2, 7.0), *scrapes(0)]).status_code
    extra = samples(world)[0]["extra"]
    assert {"app_queue": 7.0, "app_queue:mails_out:b": 8.0} == {k: v for k, v in extra.items() if k.startswith("app")}


def counted(world: World) -> dict[str, int]:
    """Return the samples in /metrics by what became of them, and how many the commits held."""
    text = world.send("GET", "/metrics", address="127.0.0.1", headers={"Host": "localhost"}).text
    found = re.findall(r'^monitor_samples_total\{outcome="(\w+)"\} (\d+)', text, re.MULTILINE)
    [held] = re.findall(r"^monitor_commit_samples_sum (\d+)", text, re.MULTILINE)
    return {outcome: int(count) for outcome, count in [*found, ("committed", held)]}


def test_samples_of_scrapes_are_counted_like_those_of_agents(world: World, sender: Caller) -> None:
    for content in (scrapes(45), scrapes(30)[:5], scrapes(30)[5:], scrapes(15, 0), scrapes(0)):
        assert 204 == write(world, sender, content).status_code
    assert {"stored": 3, "committed": 3} == counted(world)


def test_a_scrape_whose_time_has_a_sample_is_a_duplicate(world: World, sender: Caller) -> None:
    assert 200 == world.report(sender.headers["X-API-Key"], "2030-01-01 12:00:00").status_code
    assert 204 == write(world, sender, scrapes(30, 15, 0)).status_code
    assert {"stored": 2, "duplicate": 1, "committed": 3} == counted(world)


def test_rejected_scrapes_are_counted_and_not_their_series(world: World, server_id: ServerId, sender: Caller) -> None:
    assert 204 == write(world, sender, [*scrapes(-61, -76, 0), ({"__name__": "go_threads"}, [(0, 7.0)])]).status_code
    assert 400 == write(world, sender, scrapes(-61)).status_code
    assert 204 == write(world, agent(world.fleet_key()), scrapes(15, 0, instance="10.9.9.9:9100")).status_code
    assert 401 == write(world, agent("nonsense"), scrapes(0)).status_code
    assert {"rejected": 5, "committed": 0} == counted(world)


@pytest.fixture
def store() -> FaultyStore:
    return FaultyStore()


def test_no_answer_before_the_commit_and_503_while_the_store_is_away(new_world: NewWorld, store: FaultyStore) -> None:
    world = new_world(store)
    sender = agent(world.server_key(world.server(ADDRESS)))
    assert 204 == write(world, sender, scrapes(15)).status_code

    async def scenario() -> None:
        store.commits.clear()
        content = body(scrapes(0))
        sent = asyncio.ensure_future(world.sending("POST", WRITE, sender, content=content, headers=HEADERS))
        assert await asyncio.to_thread(store.waiting.wait, 10)
        assert not sent.done()
        store.commits.set()
        assert 204 == (await sent).status_code

    world.run(scenario())
    assert 1 == len(samples(world))
    store.is_down = True
    answer = write(world, sender, scrapes(-15))
    store.is_down = False
    assert (503, "storage_unavailable") == (answer.status_code, answer.json()["data"]["reason"])
    assert int(answer.headers["Retry-After"]) >= 1
    assert 1 == len(samples(world))
    assert {"stored": 1, "failed": 1, "committed": 1} == counted(world)
    assert 204 == write(world, sender, scrapes(-15)).status_code
    assert 2 == len(samples(world))


def test_a_full_queue_is_503(world: World, sender: Caller) -> None:
    world.container.get(IntakeQueue).close(5)
    answer = write(world, sender, scrapes(0))
    assert (503, "overloaded") == (answer.status_code, answer.json()["data"]["reason"])
    assert "Retry-After" in answer.headers


def test_a_server_that_is_deleted_takes_nothing_more(world: World, server_id: ServerId, sender: Caller) -> None:
    assert 204 == write(world, sender, scrapes(15)).status_code
    assert 200 == world.send("DELETE", f"/api/servers/{server_id}", world.admin).status_code
    assert 401 == write(world, sender, scrapes(0)).status_code


def test_old_scrapes_are_deleted(world: World, server_id: ServerId, sender: Caller) -> None:
    assert 204 == write(world, sender, scrapes(45, 30, 15)).status_code

    def kept() -> int:
        with world.container.uow() as uow:
            return len(uow.scrapes.around([server_id], 0, 2 * NOW))

    prune = world.container.get(PruneScrapes)
    for hours, count in ((0.9, 3), (0.2, 2), (166, 2), (1, 0)):
        world.later(hours=hours)
        prune()
        assert count == kept()


def test_it_is_taken_under_any_host_name(world: World, sender: Caller) -> None:
    """As of agents: they may reach this server by a name that it does not know."""
    assert 204 == write(world, sender, scrapes(0), Host="ELSEWHERE.example").status_code
