"""The API inside another server: alone, and mounted beside the host's own routes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar, asgi, get

import monitor
from monitor.adapters.memory.fakes import InsecurePasswordHasher

PASSWORD = "correct horse battery"


def a_core() -> monitor.Core:
    core = monitor.in_memory(hasher=InsecurePasswordHasher())
    core.users.add("ann", password=PASSWORD, admin=True)
    core.servers.add("web-1", "192.0.2.10")
    core.policies.add(monitor.Threshold("cpu", warning=80, sustained_for=timedelta(0)))
    return core


def serve(app: Any, lifespan: Any, use: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def run() -> None:
        transport = httpx.ASGITransport(app)
        async with lifespan, httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await use(client)

    asyncio.run(run())


async def log_in(client: httpx.AsyncClient, prefix: str) -> dict[str, str]:
    answer = await client.post(f"{prefix}/api/auth/login", json={"username": "ann", "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['data']['token']}"}


@pytest.mark.parametrize("prefix", ["", "/monitoring"])
def test_it_is_an_application_of_its_own(prefix: str) -> None:
    with a_core() as core:
        app = core.asgi(prefix)
        heard: list[str] = []
        core.on_alert(lambda event: heard.append(event.kind))

        async def use(client: httpx.AsyncClient) -> None:
            as_ann = await log_in(client, prefix)
            listed = await client.get(f"{prefix}/api/servers", headers=as_ann)
            assert ["web-1"] == [each["server_name"] for each in listed.json()["data"]]
            stored = await asyncio.to_thread(core.record, "web-1", cpu=99, memory=1, disk=1)
            assert "stored" == stored
            made = await client.post(f"{prefix}/api/api-keys", json={"name": "k"}, headers=as_ann)
            metrics = {"cpu_value": 1, "memory_value": 1, "disk_value": 1}
            sent = await client.post(
                f"{prefix}/api/monitor/data",
                json={"ip_address": "192.0.2.10", "metrics": metrics},
                headers={"X-API-Key": made.json()["data"]["key"]},
            )
            assert 200 == sent.status_code, sent.text

        serve(app, app.lifespan(), use)
        assert heard[:1] == ["fired"]


def test_it_is_mounted_beside_the_routes_of_a_host() -> None:
    with a_core() as core:
        app = core.asgi("/monitoring")

        @get("/own")
        async def own() -> str:
            return "the host's"

        host = Litestar(
            [own, asgi("/monitoring", is_mount=True, copy_scope=True)(app)],
            lifespan=[app.lifespan],
            openapi_config=None,
        )

        async def use(client: httpx.AsyncClient) -> None:
            assert "the host's" == (await client.get("/own")).text
            as_ann = await log_in(client, "/monitoring")
            assert 200 == (await client.get("/monitoring/api/alerts", headers=as_ann)).status_code
            assert 404 == (await client.get("/api/alerts", headers=as_ann)).status_code

        serve(host, host.lifespan(), use)


@pytest.mark.parametrize("prefix", ["monitoring", "/monitoring/"])
def test_a_wrong_prefix_is_refused(prefix: str) -> None:
    with a_core() as core, pytest.raises(monitor.errors.InvalidInput):
        core.asgi(prefix)


def test_a_closed_core_serves_nothing() -> None:
    with a_core() as core:
        app = core.asgi()

    async def start() -> None:
        async with app.lifespan():
            pass

    with pytest.raises(monitor.errors.Closed):
        asyncio.run(start())
