"""Recipients who join while an alert fires: notified with the next reminder, or at once if they are the first."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.application.accounts.users import ChangeUser
from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.fleet.servers import UpdateServer
from monitor.application.notifications.channels import ManageChannels
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World

REMINDER = 4 * 3600.0
DIGEST = 10.0
EVERY = 60.0
LATE = "late@example.com"
WEB = ServerId(1)
AT_ONCE = timedelta(0)
ANN = Actor(user_id=UserId(1), username="ann", role=Role.USER)
Joining = Callable[[World], None]


@pytest.fixture
def world() -> World:
    """An alert of web fires, and Ann was notified; Late was not."""
    world = World()
    ann, late = world.person("ann", "ann@example.com"), world.person("late", LATE)
    silent = world.person("without address")
    assert (late.id, silent.id) == (2, 3)
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    assert world.server("web", "10.0.0.1", [ann, silent]).id == WEB
    world.report(WEB, 90)
    world.let_pass(DIGEST)
    assert notified(world) == {"ann@example.com": [EventKind.FIRED]}
    return world


def linked(world: World) -> None:
    world.process.get(UpdateServer)(ROOT, WEB, user_ids=[UserId(1), UserId(2), UserId(3)])


def given_an_address(world: World) -> None:
    world.process.get(ChangeUser)(ROOT, UserId(3), email=LATE)


def notified(world: World) -> dict[str, list[EventKind]]:
    found: dict[str, list[EventKind]] = {}
    for address, message in world.mails():
        found.setdefault(address, []).extend(item.event_kind for item in message.items)
    return found


def goes_on(world: World, seconds: float) -> None:
    """The agent keeps reporting."""
    for _ in range(int(seconds / EVERY)):
        world.let_pass(EVERY, every=EVERY)
        world.report(WEB, 90)


@pytest.mark.parametrize("join", [linked, given_an_address])
def test_they_are_notified_with_the_next_reminder(world: World, join: Joining) -> None:
    goes_on(world, REMINDER / 2)
    join(world)
    goes_on(world, REMINDER / 2 + 2 * EVERY)
    assert notified(world)[LATE] == [EventKind.DUE]


@pytest.mark.parametrize("join", [linked, given_an_address])
def test_they_are_not_notified_of_an_acknowledged_alert(world: World, join: Joining) -> None:
    """A user is already working on it."""
    world.process.get(ChangePreferences)(ROOT, {"ack_expires": None})
    [alert] = world.alerts()
    world.process.get(AcknowledgeAlert)(ANN, alert.id)
    join(world)
    goes_on(world, 2 * REMINDER)
    assert notified(world) == {"ann@example.com": [EventKind.FIRED]}


def made_for_the_team(world: World) -> None:
    channel = Channel(name=LATE, kind=ChannelKind("webhook"), settings={"locale": "en"}, created_at=world.now)
    world.process.get(ManageChannels).create(ROOT, channel)


@pytest.mark.parametrize("join", [linked, given_an_address, made_for_the_team])
def test_they_are_notified_at_once_if_they_are_the_first(join: Joining) -> None:
    world = World()
    world.person("ann", None), world.person("late", LATE)
    silent = world.person("without address")
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    world.server("web", "10.0.0.1", [silent])
    world.report(WEB, 90)
    goes_on(world, REMINDER + 2 * EVERY)
    assert world.outbox() == []
    join(world)
    goes_on(world, 2 * EVERY)
    assert notified(world) == {LATE: [EventKind.DUE]}
    goes_on(world, REMINDER)
    world.let_pass(EVERY)
    world.report(WEB, 10)
    world.let_pass(EVERY)
    assert notified(world) == {LATE: [EventKind.DUE, EventKind.REMINDED, EventKind.RESOLVED]}


@pytest.mark.parametrize("join", [linked, given_an_address])
def test_they_are_not_notified_of_the_end_alone(world: World, join: Joining) -> None:
    join(world)
    world.report(WEB, 10)
    world.let_pass(EVERY)
    assert notified(world) == {"ann@example.com": [EventKind.FIRED, EventKind.RESOLVED]}
