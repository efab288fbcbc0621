"""A fleet that takes seconds to load: no known caller waits for it, and none is judged by an outdated one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from monitor.adapters.memory.store import MemoryStore
from monitor.application.fleet.fleet import LARGE
from monitor.application.fleet.ports import FleetQueries, FleetSnapshot
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

    def revision(self) -> int:
        return self._inner.revision()

    def snapshot(self) -> FleetSnapshot:
        found = self._inner.snapshot()
        self.may_go.wait(DEADLINE)
        return found


class LargeFleet:
    def __init__(self, world: World, held: HeldFleetQueries) -> None:
        self.world, self._held = world, held
        with world.container.uow() as uow:
            uow.servers.add_many([a_server(f"10.{number // 250}.0.{number % 250}") for number in range(LARGE + 1)])
            uow.commit()
        self.known = world.server_key(world.server("192.0.2.200"))
        self.server_id, self.fleet_key = world.server(ADDRESS), world.fleet_key()
        world.container.fleet().refresh()

    def made_again(self) -> ServerId:
        """The server with `ADDRESS`, as by requests that are not answered yet."""
        world = self.world
        world.container.delete_server()(world.admin.actor, ServerId(self.server_id))
        return world.container.create_server()(world.admin.actor, name="again", ip_address=ADDRESS).id

    @asynccontextmanager
    async def loading(self) -> AsyncIterator[None]:
        """Changes of this process are not seen until then."""
        self._held.may_go.clear()
        self.world.container.fleet().mark_stale()
        try:
            yield
        finally:
            self._held.may_go.set()

    async def report(self, key: str, **more: Any) -> httpx.Response:
        sent = self.world.sending("POST", SINGLE, agent(key), json=report(**more))
        return await asyncio.wait_for(sent, DEADLINE / 2)


@pytest.fixture
def large(new_world) -> LargeFleet:
    store = MemoryStore()
    store.queries.fleet = held = HeldFleetQueries(store.queries.fleet)
    return LargeFleet(new_world(store), held)


def test_a_server_that_was_made_again_gets_its_reports(large: LargeFleet) -> None:
    again = large.made_again()

    async def reports() -> httpx.Response:
        async with large.loading():
            waiting = asyncio.create_task(large.report(large.fleet_key, ip_address=ADDRESS))
            await large.report(large.known)  # the other was committed by then, if it was to be
        return await waiting

    answer = large.world.run(reports())
    assert (200, again) == (answer.status_code, answer.json()["data"]["server_id"])


def test_no_item_of_a_batch_is_refused_while_the_fleet_loads(large: LargeFleet) -> None:
    large.made_again()
    items = [report(ip_address=each, recorded_at=NOW) for each in ("10.0.0.2", ADDRESS, "10.0.0.1")]
    items.insert(2, report(ip_address=ADDRESS, recorded_at="2010-01-01 00:00:00"))

    async def reports() -> httpx.Response:
        async with large.loading():
            waiting = asyncio.create_task(
                large.world.sending("POST", BATCH, agent(large.fleet_key), json={"samples": items})
            )
            await large.report(large.known)
        return await waiting

    found = large.world.run(reports()).json()["data"]["results"]
    assert ["stored", "stored", "too_old", "stored"] == [each.get("reason", each["status"]) for each in found]


def test_a_report_goes_to_the_server_that_has_the_address_now(large: LargeFleet) -> None:
    world = large.world
    world.send("PUT", f"/api/servers/{large.server_id}", world.admin, json={"ip_address": "192.0.2.50"})
    now = world.container.create_server()(world.admin.actor, name="new", ip_address=ADDRESS).id

    async def reports() -> httpx.Response:
        async with large.loading():
            waiting = asyncio.create_task(large.report(large.fleet_key, ip_address=ADDRESS))
            await large.report(large.known)
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
def test_a_change_is_in_force_once_it_is_answered(large: LargeFleet, change: Change) -> None:
    method, path, sent = change(large.world, large.server_id)
    before = large.world.container.fleet().directory.servers[ServerId(large.server_id)]
    assert 200 == large.world.send(method, path, large.world.admin, **sent).status_code
    assert before != large.world.container.fleet().directory.servers.get(before.id)


def test_unknown_keys_do_not_delay_known_agents(large: LargeFleet) -> None:
    """They also do not take the threads that other requests need."""

    async def requests() -> tuple[httpx.Response, list[httpx.Response]]:
        async with large.loading():
            unknown = [asyncio.create_task(large.report(f"mk_{number:064d}")) for number in range(40)]
            unknown += [
                asyncio.create_task(large.report(large.fleet_key, ip_address=f"203.0.113.{number}"))
                for number in range(40)
            ]
            answer = await large.report(large.known)
            await asyncio.wait_for(asyncio.to_thread(int), DEADLINE / 2)
        return answer, await asyncio.gather(*unknown)

    answer, others = large.world.run(requests())
    assert 200 == answer.status_code
    assert [401] * 40 + [404] * 40 == [each.status_code for each in others]


def test_a_request_during_a_load_that_began_too_early_waits_for_the_next_load(large: LargeFleet) -> None:
    world = large.world

    async def requests() -> httpx.Response:
        async with large.loading():
            early = asyncio.create_task(large.report("mk_" + "0" * 64))
            await large.report(large.known)
            await asyncio.to_thread(
                world.container.create_server(), world.admin.actor, name="b", ip_address="192.0.2.9"
            )
            late = asyncio.create_task(large.report(large.fleet_key, ip_address="192.0.2.9"))
            await large.report(large.known)
        await early
        return await late

    assert 200 == world.run(requests()).status_code
