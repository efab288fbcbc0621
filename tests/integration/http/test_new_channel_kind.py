"""A new kind of channel is one folder and one line: everything else derives from what it declares."""

from collections.abc import Mapping

import pytest

from monitor.adapters.memory.fakes import FixedClock, MemoryMailer
from monitor.adapters.notify.kinds import KINDS, Tools, senders
from monitor.adapters.outbound.connections import Outbound
from monitor.application.notifications.sender_ports import ChannelSender, Message, SendResult, SendStatus
from monitor.domain.errors import Problem
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelKind, Input, Setting
from tests.integration.http.alerts.alarms import data, deliver, fields, host, policy, refusal
from tests.integration.http.world import Json, World

PATH = "/api/channels"
PIGEON: Json = {"name": "coop", "kind": "pigeon", "settings": {"loft": "north", "ring": "r1ng", "locale": "en"}}


class PigeonSender(ChannelSender):
    """All that a kind has to bring: a form, `send`, and the checks that only it can make."""

    form = ChannelForm(
        kind=ChannelKind("pigeon"),
        label=("信鸽", "Pigeon"),
        settings=(
            Setting(name="loft", label=("鸽舍", "Loft"), required=True, longest=10),
            Setting(name="ring", label=("脚环", "Ring"), hint=("刻字", "Engraved"), input=Input.PASSWORD, secret=True),
            Setting(name="locale", label=("语言", "Language"), input=Input.LANGUAGE),
        ),
    )

    def __init__(self) -> None:
        self.sent: list[tuple[Mapping[str, str], Message]] = []

    def problems(self, settings: Mapping[str, str]) -> dict[str, Problem]:
        return {"loft": Problem("address_refused")} if settings.get("loft") == "hawk" else {}

    def send(self, channel: Channel, message: Message) -> SendResult:
        self.sent.append((channel.settings, message))
        return SendResult(SendStatus.SENT)


@pytest.fixture
def pigeons() -> PigeonSender:
    return PigeonSender()


@pytest.fixture
def world(any_world: World, pigeons: PigeonSender) -> World:
    """On each kind of store, with the kind in the list."""
    tools = Tools(mailer=MemoryMailer(), outbound=Outbound(), clock=FixedClock())
    any_world.container.shared.senders.override(senders(tools, (*KINDS, lambda _: pigeons)))
    return any_world


def test_the_api_says_what_its_form_asks_for(world: World) -> None:
    kinds = {kind["kind"]: kind for kind in data(world.send("GET", f"{PATH}/kinds", world.admin))}
    assert ["email", "webhook", "pushover", "apprise", "pigeon"] == list(kinds)
    assert {"zh-CN": "信鸽", "en": "Pigeon"} == kinds["pigeon"]["label"]
    assert {
        "name": "ring",
        "label": {"zh-CN": "脚环", "en": "Ring"},
        "hint": {"zh-CN": "刻字", "en": "Engraved"},
        "input": "password",
        "required": False,
        "secret": True,
    } == kinds["pigeon"]["settings"][1]


def test_a_channel_of_it_is_created_shown_masked_and_tested(world: World, pigeons: PigeonSender) -> None:
    made = data(world.send("POST", PATH, world.admin, json=PIGEON))
    assert {"loft": "north", "ring": "***", "locale": "en"} == made["settings"]
    assert [made] == data(world.send("GET", PATH, world.admin))
    assert "r1ng" not in world.send("GET", "/api/audit", world.admin).text
    assert {"sent": True, "error": None} == data(world.send("POST", f"{PATH}/{made['id']}/test", world.admin))
    [(settings, message)] = pigeons.sent
    assert (PIGEON["settings"], True) == (settings, message.is_test)


def test_its_form_is_checked(world: World) -> None:
    wrong: Json = {"loft": "hawk", "ring": "***", "locale": "fr", "colour": "grey"}
    answer = world.send("POST", PATH, world.admin, json=PIGEON | {"settings": wrong})
    assert {f"settings.{name}" for name in wrong} == set(fields(answer))
    assert ["settings.loft"] == list(fields(world.send("POST", PATH, world.admin, json=PIGEON | {"settings": {}})))
    assert 200 == world.send("POST", PATH, world.admin, json=PIGEON).status_code
    same = PIGEON | {"settings": {"loft": "north"}}
    assert (409, "channel_exists") == refusal(world.send("POST", PATH, world.admin, json=same))
    other = PIGEON | {"settings": {"loft": "south"}}
    assert 200 == world.send("POST", PATH, world.admin, json=other).status_code


def test_an_alert_is_delivered_through_it(world: World, pigeons: PigeonSender) -> None:
    world.send("POST", PATH, world.admin, json=PIGEON)
    policy(world)
    host(world, "192.0.2.1").reports(90)
    deliver(world)
    [(settings, message)] = pigeons.sent
    assert (PIGEON["settings"], "en") == (settings, message.locale)
    assert [90.0] == [item.value for item in message.items]
    [notification] = data(world.send("GET", "/api/notifications", world.admin))
    assert "sent" == notification["delivery"]


def test_a_version_that_does_not_know_the_kind_keeps_its_channels(world: World) -> None:
    """They are listed without their secrets, can be renamed and deleted, and their notifications wait."""
    made = data(world.send("POST", PATH, world.admin, json=PIGEON))
    world.container.shared.senders.reset_last_overriding()
    path = f"{PATH}/{made['id']}"
    assert [made | {"settings": {"locale": "en"}}] == data(world.send("GET", PATH, world.admin))
    refused = data(world.send("POST", f"{path}/test", world.admin))
    assert {"sent": False, "error": "this version of monitor does not know its kind"} == refused
    assert ["kind"] == list(fields(world.send("PUT", path, world.admin, json={"settings": {"loft": "south"}})))
    assert "old" == data(world.send("PUT", path, world.admin, json={"name": "old"}))["name"]
    assert 200 == world.send("DELETE", path, world.admin).status_code
