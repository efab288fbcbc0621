"""An installation with something in each section, and requests about its configuration."""

from datetime import timedelta
from typing import Any

from monitor.application.checks.check_ins import CreateCheckIn
from monitor.application.checks.checks import CreateCheck
from monitor.application.fleet.dependencies import Parent
from monitor.application.fleet.servers import UpdateServer
from monitor.application.notifications.channels import ManageChannels
from monitor.application.policies.policies import CreatePolicy
from monitor.application.policies.silences import CreateSilence
from monitor.domain.checks import kinds
from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import Check
from monitor.domain.fleet.servers import Kind
from monitor.domain.fleet.teams import TeamAccess
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.policies.policies import Direction, Policy, Scope
from monitor.domain.policies.silences import Silence
from tests.integration.http.world import Caller, Json, World

PATH = "/api/config"


def export(world: World, caller: Caller | None = None) -> str:
    found = world.send("GET", PATH, caller or world.admin)
    assert found.status_code == 200, found.text
    return found.text


def plan(world: World, text: str, days: int = 0) -> Json:
    found: Json = data(world.send("POST", f"{PATH}/plan", world.admin, json={"config": text, "days": days}))
    return found


def apply(world: World, text: str) -> Json:
    revision = plan(world, text)["revision"]
    found: Json = data(world.send("POST", f"{PATH}/apply", world.admin, json={"config": text, "revision": revision}))
    return found


def data(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refused(answer: Any, status: int = 400) -> Json:
    assert answer.status_code == status, answer.text
    found: Json = answer.json()["data"]
    return found


def changed(planned: Json) -> list[tuple[str, str, str]]:
    return [(change["kind"], change["name"], change["action"]) for change in planned["changes"]]


def filled(world: World) -> World:
    """Fill each section."""
    admin, now, container = world.admin.actor, world.clock.now(), world.container
    alice = world.person("alice")
    web, db = world.server("192.0.2.1", name="web-1", tags=["web", "prod"]), world.server("192.0.2.2", name="db")
    twin = world.server("192.0.2.3", name="db", tags=["prod"])
    container.get(UpdateServer)(admin, web, depends_on=[Parent(Kind.HOST, db)])
    world.team(TeamAccess.WRITE, web, alice, tags=["prod"])
    check = container.get(CreateCheck)(
        admin, Check(name="shop", kind=kinds.HTTP, target="https://bob:hunter2@shop.example.com/", created_at=now)
    )
    container.get(CreateCheck)(
        admin, Check(name="shop", kind=kinds.PING, target="shop.example.com", created_at=now, host_id=twin)
    )
    container.get(CreateCheckIn)(admin, CheckIn(name="backup: nightly", grace=60, period=3600, created_at=now))
    container.get(ManageChannels).create(
        admin,
        Channel(
            name="ops room",
            kind=ChannelKind("webhook"),
            settings={"url": "https://hooks.example.com/s3cr3t-token"},
            created_at=now,
        ),
    )
    mailbox = Channel(
        name="yes", kind=ChannelKind("email"), settings={"address": "ops@example.com"}, created_at=now,
        least_level=Level.CRITICAL,
    )  # fmt: skip
    container.get(ManageChannels).create(admin, mailbox)
    of_check = Scope(server_id=check.check.id)
    for policy in (
        Policy(metric="cpu", warning=70, critical=85),
        Policy(metric="disk:/var", critical=95.5, scope=Scope(tag="web")),
        Policy(metric="up", critical=0.5, direction=Direction.BELOW, clear_margin=0, scope=of_check),
        Policy(metric="offline", scope=Scope(server_id=db), enabled=False),
    ):
        container.get(CreatePolicy)(admin, policy)
    container.get(CreateSilence)(
        admin,
        Silence(
            scope=Scope(server_id=twin),
            starts_at=now + timedelta(microseconds=5),
            ends_at=now + timedelta(hours=2),
            reason='moving house: "soon" #1',
            created_at=now,
        ),
    )
    container.fleet.refresh()
    return world
