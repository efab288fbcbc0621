"""The answers to agents are true while the store is slow or down."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest

from monitor.application.intake.queue import CAPACITY, IntakeQueue
from tests.integration.http.conftest import NewWorld
from tests.integration.http.faulty_store import FaultyStore
from tests.integration.http.world import World, agent, report

SINGLE = "/api/monitor/data"
BATCH = "/api/monitor/data/batch"


@pytest.fixture
def store() -> FaultyStore:
    return FaultyStore()


@pytest.fixture
def slow_world(new_world: NewWorld, store: FaultyStore) -> World:
    return new_world(store)


@pytest.fixture
def key(slow_world: World) -> str:
    key = slow_world.server_key(slow_world.server("192.0.2.1"))
    assert 200 == slow_world.report(key, "2030-01-01 11:00:00").status_code
    return key


def sample(number: int) -> dict[str, Any]:
    return report(recorded_at=f"2030-01-01 11:{10 + number // 60:02}:{number % 60:02}")


async def _until_a_commit_waits(store: FaultyStore) -> None:
    assert await asyncio.to_thread(store.waiting.wait, 10)


def test_no_answer_before_the_commit(slow_world: World, store: FaultyStore, key: str) -> None:
    async def scenario() -> None:
        store.commits.clear()
        sent = asyncio.ensure_future(slow_world.sending("POST", SINGLE, agent(key), json=sample(1)))
        await _until_a_commit_waits(store)
        assert not sent.done()
        assert 1 == len(store.queries.samples.latest())
        store.commits.set()
        assert 200 == (await sent).status_code

    slow_world.run(scenario())
    assert "2030-01-01 11:10:01" == slow_world.send("GET", SINGLE, slow_world.admin).json()["data"][0]["recorded_at"]


def test_one_commit_serves_all_waiting_requests(slow_world: World, store: FaultyStore, key: str) -> None:
    async def scenario() -> list[httpx.Response]:
        store.commits.clear()
        sent: list[Coroutine[Any, Any, httpx.Response]] = [
            slow_world.sending("POST", SINGLE, agent(key), json=sample(number % 25)) for number in range(50)
        ]
        waiting = asyncio.gather(*sent)
        await _until_a_commit_waits(store)
        store.commits.set()
        return await waiting

    statuses = [answer.json()["data"]["status"] for answer in slow_world.run(scenario())]
    assert (25, 25) == (statuses.count("stored"), statuses.count("duplicate"))


def test_a_full_queue_refuses_at_once_and_loses_nothing_it_accepted(
    slow_world: World, store: FaultyStore, key: str
) -> None:
    full = {"samples": [sample(number) for number in range(1000)]}

    async def scenario() -> list[httpx.Response]:
        store.commits.clear()
        first = asyncio.ensure_future(slow_world.sending("POST", SINGLE, agent(key), json=sample(0)))
        await _until_a_commit_waits(store)
        batches = [
            asyncio.ensure_future(slow_world.sending("POST", BATCH, agent(key), json=full))
            for _ in range(CAPACITY // 2 // 1000)
        ]
        refused, _ = await asyncio.wait(batches, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        store.commits.set()
        answers = [await first, *(await asyncio.gather(*batches))]
        assert [503] == [task.result().status_code for task in refused]
        return answers

    answers = slow_world.run(scenario())
    refused = [answer for answer in answers if answer.status_code != 200]
    assert [(503, "overloaded", "2")] == [
        (answer.status_code, answer.json()["data"]["reason"], answer.headers["retry-after"]) for answer in refused
    ]
    assert 1000 == len(slow_world.send("GET", SINGLE, slow_world.admin, params={"limit": 1000}).json()["data"])
    assert 200 == slow_world.report(key).status_code


def test_a_batch_for_which_there_is_no_room_is_not_read(slow_world: World, store: FaultyStore, key: str) -> None:
    """A thousand agents with a backlog would otherwise keep the server busy with reading what it refuses."""
    sizes = [1000] * (CAPACITY // 2 // 1000 - 1) + [999]
    bodies = [{"samples": [sample(number) for number in range(size)]} for size in sizes]

    async def scenario() -> list[int]:
        store.commits.clear()
        first = asyncio.ensure_future(slow_world.sending("POST", SINGLE, agent(key), json=sample(0)))
        await _until_a_commit_waits(store)
        batches = [asyncio.ensure_future(slow_world.sending("POST", BATCH, agent(key), json=body)) for body in bodies]
        async with asyncio.timeout(20):
            while slow_world.container.get(IntakeQueue).depth < CAPACITY // 2:
                await asyncio.sleep(0)
        unread = await slow_world.sending("POST", BATCH, agent(key), content=b"{")
        store.commits.set()
        await asyncio.gather(first, *batches)
        read = await slow_world.sending("POST", BATCH, agent(key), content=b"{")
        return [unread.status_code, read.status_code]

    assert [503, 400] == slow_world.run(scenario())


def test_while_the_store_is_down_agents_are_asked_to_retry(slow_world: World, store: FaultyStore, key: str) -> None:
    store.is_down = True
    for path, body in ((SINGLE, sample(1)), (BATCH, {"samples": [sample(2), sample(3)]})):
        answer = slow_world.send("POST", path, agent(key), json=body)
        assert (503, "storage_unavailable", "2") == (
            answer.status_code,
            answer.json()["data"]["reason"],
            answer.headers["retry-after"],
        )
    store.is_down = False
    answer = slow_world.send("POST", BATCH, agent(key), json={"samples": [sample(number) for number in (1, 2, 3)]})
    assert ["stored"] * 3 == [result["status"] for result in answer.json()["data"]["results"]]


def test_a_fleet_that_can_not_be_read_is_a_503(slow_world: World, store: FaultyStore, key: str) -> None:
    """Not a 401: an agent would give up."""
    slow_world.server("192.0.2.2")
    store.is_down = True
    assert 503 == slow_world.report(key).status_code
    store.is_down = False
    assert 200 == slow_world.report(key).status_code


def test_while_the_store_is_down_other_clients_are_asked_to_retry_too(slow_world: World, store: FaultyStore) -> None:
    store.is_down = True
    answer = slow_world.send("POST", "/api/servers", slow_world.admin, json={"server_name": "a", "ip_address": "::1"})
    assert (503, "storage_unavailable", "2") == (
        answer.status_code,
        answer.json()["data"]["reason"],
        answer.headers["retry-after"],
    )
    assert 503 == slow_world.send("POST", "/api/auth/login", json={"username": "a", "password": "b"}).status_code


def test_readiness_says_what_is_wrong(slow_world: World, store: FaultyStore) -> None:
    good = slow_world.send("GET", "/readyz")
    assert 200 == good.status_code
    store_in_use = {"host": None, "can_write": True}
    assert {"status": "ok", "database": "ok", "writer": "ok", "hearing": "ok", "store": store_in_use} == good.json()
    store.is_down = True
    bad = slow_world.send("GET", "/readyz")
    assert (503, "unavailable", "unavailable") == (bad.status_code, bad.json()["status"], bad.json()["database"])
    assert ("ok", "ok") == (bad.json()["writer"], bad.json()["hearing"])
    assert bad.headers["retry-after"]
    assert 200 == slow_world.send("GET", "/healthz").status_code


def test_a_stopped_writer_is_not_ready(world: World) -> None:
    world.container.get(IntakeQueue).close(5)
    answer = world.send("GET", "/readyz")
    assert (503, "stopped") == (answer.status_code, answer.json()["writer"])
    key = world.server_key(world.server("192.0.2.1"))
    assert 503 == world.report(key).status_code


def test_a_bug_is_a_500_without_details(
    slow_world: World, store: FaultyStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is logged with its traceback; neither the body nor the token is."""

    def explode() -> None:
        raise ZeroDivisionError("the secret of the house")

    store.check = explode  # type: ignore[method-assign]  # a bug in an adapter
    body = {"server_name": "do not log me", "ip_address": "192.0.2.1"}
    answer = slow_world.send("POST", "/api/servers", slow_world.admin, json=body)
    assert {"code": 500, "msg": "服务器内部错误", "data": {"reason": "internal"}} == answer.json()
    logged = "".join(capsys.readouterr())
    assert "ZeroDivisionError" in logged
    assert slow_world.admin.token not in logged


def test_a_bug_in_the_intake_is_a_500_without_details(
    slow_world: World, store: FaultyStore, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode() -> None:
        raise ZeroDivisionError("the secret of the house")

    store.check = explode  # type: ignore[method-assign]  # a bug in an adapter
    answer = slow_world.report(key)
    assert {"code": 500, "msg": "服务器内部错误", "data": {"reason": "internal"}} == answer.json()
    logged = "".join(capsys.readouterr())
    assert "ZeroDivisionError" in logged
    assert key not in logged
    del store.check
    assert 200 == slow_world.report(key).status_code
