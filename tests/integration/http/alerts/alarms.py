"""Servers with alerts, and the rows that the product shows for them."""

from dataclasses import dataclass
from typing import Any

import httpx

from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.domain.fleet.servers import ServerId
from tests.integration.http.world import Caller, Json, Person, World

AT_ONCE: Json = {"metric": "cpu", "warning": 70, "critical": 85, "sustained_for": 0, "clear_for": 0, "clear_margin": 5}


@dataclass(frozen=True, kw_only=True)
class Host:
    world: World
    id: ServerId
    key: str

    def reports(self, cpu: float, **more: Any) -> None:
        """Report a second later than the last event."""
        self.world.later(seconds=1)
        answer = self.world.report(self.key, cpu=cpu, **more)
        assert 200 == answer.status_code, answer.text


def host(world: World, ip_address: str, *people: Person, name: str | None = None, tags: tuple[str, ...] = ()) -> Host:
    server_id = world.server(ip_address, *people, name=name, tags=tags)
    return Host(world=world, id=server_id, key=world.server_key(server_id))


def policy(world: World, caller: Caller | None = None, **body: Any) -> int:
    """Create a policy that fires at once, over 70 % of CPU a warning, over 85 % critical. Return its id."""
    return int(data(world.send("POST", "/api/alert-policies", caller or world.admin, json=AT_ONCE | body))["id"])


def alerts(world: World, caller: Caller | None = None, **params: Any) -> list[Json]:
    found: list[Json] = data(world.send("GET", "/api/alerts", caller or world.admin, params=params))
    return found


def deliver(world: World) -> None:
    """What is due after the digest has waited."""
    world.later(seconds=10)
    delivery = world.container.get(DeliverNotifications)
    for transport in Transport:
        while deliveries := delivery.claim(transport):
            delivery.deliver(deliveries)


def with_address(world: World, name: str) -> Person:
    person = world.person(name)
    world.send("PUT", "/api/auth/me", person, json={"email": f"{name}@example.com"})
    return person


def data(answer: httpx.Response) -> Any:
    assert 200 == answer.status_code, answer.text
    return answer.json()["data"]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["data"]["reason"]


def fields(answer: httpx.Response) -> Json:
    assert (400, "invalid_input") == refusal(answer), answer.text
    found: Json = answer.json()["data"]["fields"]
    return found
