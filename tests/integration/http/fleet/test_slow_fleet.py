"""Changes that take seconds to be read: no host is judged by an outdated fleet meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from monitor.adapters.memory.store import MemoryStore
from monitor.application.fleet.ports import FleetChanges, FleetQueries, FleetSnapshot
from monitor.application.fleet.servers import CreateServer, DeleteServer
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import a_server
from tests.integration.http.reporting import BATCH, NOW, SINGLE
from tests.integration.http.world import Json, World, agent, report

DEADLINE = 30.0
ADDRESS = "192.0.2.1"
Change = Callable[[World, int], tuple[str, str, Json]]


class HeldFleetQueries(FleetQueries):
    """Returns what it read only when the test allows it."""

    def __init__(self, inner: FleetQueries) -> None:
        self._inner = inner
        self.may_go = threading.Event()
        self.may_go.set()
        self.is_read = threading.Event()

    def revision(self) -> int:
        return self._inner.revision()

    def snapshot(self) -> FleetSnapshot:
        return self._inner.snapshot()

    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        found = self._inner.changes(since, at_most)
        self.is_read.set()
        self.may_go.wait(DEADLINE)
        return found


class SlowFleet:
    def __init__(self, world: World, held: HeldFleetQueries) -> None:
        self.world, self._held = world, held
        with world.container.uow() as uow:
            uow.servers.add_many([a_server(f"10.0.0.{number}") for number in range(1, 3)])
            uow.commit()
        self.known = world.server_key(world.server("192.0.2.200"))
        self.server_id, self.fleet_key = world.server(ADDRESS), world.fleet_key()
        world.container.fleet.refresh()

    def made_again(self) -> ServerId:
        """The server with `ADDRESS`, as by requests that are not answered yet."""
        world = self.world
        world.container.get(DeleteServer)(world.admin.actor, ServerId(self.server_id))
        return world.container.get(CreateServer)(world.admin.actor, name="again", ip_address=ADDRESS).id

    @asynccontextmanager
    async def loading(self) -> AsyncIterator[None]:
        """Changes of this process are not seen until then."""
        self._held.may_go.clear()
        self._held.is_read.clear()
        self.world.container.fleet.mark_stale()
        try:
            yield
        finally:
            self._held.may_go.set()

    async def until_read(self) -> None:
        """Wait until a request reads the changes."""
        assert await asyncio.to_thread(self._held.is_read.wait, DEADLINE / 2)

    async def report(self, key: str, **more: Any) -> httpx.Response:
        sent = self.world.sending("POST", SINGLE, agent(key), json=report(**more))
        return await asyncio.wait_for(sent, DEADLINE / 2)


@pytest.fixture
def slow(new_world) -> SlowFleet:
    store = MemoryStore()
    store.queries.fleet = held = HeldFleetQueries(store.queries.fleet)
    return SlowFleet(new_world(store), held)


def test_a_server_that_was_made_again_gets_its_reports(slow: SlowFleet) -> None:
    again = slow.made_again()

    async def reports() -> httpx.Response:
        async with slow.loading():
            waiting = asyncio.create_task(slow.report(slow.fleet_key, ip_address=ADDRESS))
            await slow.until_read()
        return await waiting

    answer = slow.world.run(reports())
    assert (200, again) == (answer.status_code, answer.json()["data"]["server_id"])


def test_no_item_of_a_batch_is_refused_while_the_fleet_loads(slow: SlowFleet) -> None:
    slow.made_again()
    items = [report(ip_address=each, recorded_at=NOW) for each in ("10.0.0.2", ADDRESS, "10.0.0.1")]
    items.insert(2, report(ip_address=ADDRESS, recorded_at="2010-01-01 00:00:00"))

    async def reports() -> httpx.Response:
        async with slow.loading():
            waiting = asyncio.create_task(
                slow.world.sending("POST", BATCH, agent(slow.fleet_key), json={"samples": items})
            )
            await slow.until_read()
        return await waiting

    found = slow.world.run(reports()).json()["data"]["results"]
    assert ["stored", "stored", "too_old", "stored"] == [each.get("reason", each["status"]) for each in found]


def test_a_report_goes_to_the_server_that_has_the_address_now(slow: SlowFleet) -> None:
    world = slow.world
    world.send("PUT", f"/api/servers/{slow.server_id}", world.admin, json={"ip_address": "192.0.2.50"})
    now = world.container.get(CreateServer)(world.admin.actor, name="new", ip_address=ADDRESS).id

    async def reports() -> httpx.Response:
        async with slow.loading():
            waiting = asyncio.create_task(slow.report(slow.fleet_key, ip_address=ADDRESS))
            await slow.until_read()
        return await waiting

    assert now == world.run(reports()).json()["data"]["server_id"]


CHANGES: dict[str, Change] = {
    "change": lambda _, id_: ("PUT", f"/api/servers/{id_}", {"json": {"port": 23}}),
    "delete": lambda _, id_: ("DELETE", f"/api/servers/{id_}", {}),
    "users": lambda w, id_: ("POST", f"/api/servers/{id_}/users", {"json": {"user_ids": [w.admin.id]}}),
    "tags": lambda _, id_: ("PUT", f"/api/servers/{id_}/tags", {"json": {"tags": ["web"]}}),
    "batch": lambda _, id_: ("POST", "/api/servers/batch", {"json": {"action": "delete", "server_ids": [id_]}}),
    "import": lambda *_: (
        "POST",
        "/api/servers/import",
        {"content": f"server_name,ip_address\nnew,{ADDRESS}\n".encode(), "headers": {"Content-Type": "text/csv"}},
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_in_force_once_it_is_answered(slow: SlowFleet, change: Change) -> None:
    method, path, sent = change(slow.world, slow.server_id)
    before = slow.world.container.fleet.directory.servers[ServerId(slow.server_id)]
    assert 200 == slow.world.send(method, path, slow.world.admin, **sent).status_code
    assert before != slow.world.container.fleet.directory.servers.get(before.id)


def test_unknown_keys_take_one_thread_together(slow: SlowFleet) -> None:
    """The others are needed by all other requests."""

    async def requests() -> list[httpx.Response]:
        async with slow.loading():
            unknown = [asyncio.create_task(slow.report(f"mk_{number:064d}")) for number in range(40)]
            unknown += [
                asyncio.create_task(slow.report(slow.fleet_key, ip_address=f"203.0.113.{number}"))
                for number in range(40)
            ]
            await slow.until_read()
            await asyncio.wait_for(asyncio.to_thread(int), DEADLINE / 2)
        return await asyncio.gather(*unknown)

    assert [401] * 40 + [404] * 40 == [each.status_code for each in slow.world.run(requests())]


def test_a_request_during_a_load_that_began_too_early_waits_for_the_next_load(slow: SlowFleet) -> None:
    world = slow.world

    async def requests() -> httpx.Response:
        async with slow.loading():
            early = asyncio.create_task(slow.report("mk_" + "0" * 64))
            await slow.until_read()
            await asyncio.to_thread(
                world.container.get(CreateServer), world.admin.actor, name="b", ip_address="192.0.2.9"
            )
            late = asyncio.create_task(slow.report(slow.fleet_key, ip_address="192.0.2.9"))
            await asyncio.sleep(0)
        await early
        return await late

    assert 200 == world.run(requests()).status_code
