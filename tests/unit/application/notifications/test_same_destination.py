"""No notification goes to the same place twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.notifications.channels import ManageChannels
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.errors import ChannelExists
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World

AT_ONCE = timedelta(0)


@pytest.fixture
def world() -> World:
    return World()


def channel(world: World, kind: ChannelKind, **settings: str) -> Channel:
    return Channel(name="team", kind=kind, settings=settings, created_at=world.now)


def mailbox(world: World, address: str) -> Channel:
    return channel(world, ChannelKind("email"), address=address)


def test_a_channel_with_the_destination_of_another_is_refused(world: World):
    manage = world.process.get(ManageChannels)
    manage.create(ROOT, mailbox(world, "team@example.com"))
    hook = manage.create(ROOT, channel(world, ChannelKind("webhook"), url="https://example.com/a", secret="one"))
    for same in (
        replace(mailbox(world, " Team@Example.com "), name="another name"),
        channel(world, ChannelKind("email"), address="team@example.com", locale="en"),
        channel(world, ChannelKind("webhook"), url="https://example.com/a", secret="two"),
    ):
        with pytest.raises(ChannelExists):
            manage.create(ROOT, same)
    other = manage.create(ROOT, channel(world, ChannelKind("webhook"), url="https://example.com/b"))
    manage.create(ROOT, channel(world, ChannelKind("apprise"), url="https://example.com/a"))
    with pytest.raises(ChannelExists):
        manage.change(ROOT, other.id, settings={"url": "https://example.com/a"})
    assert "renamed" == manage.change(ROOT, hook.id, name="renamed").name


def test_a_team_mailbox_that_is_also_a_users_gets_one_mail(world: World):
    """The channel gets the levels that the user does not want."""
    ann = world.person("ann", "Ann@example.com", level=Level.CRITICAL)
    policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE)
    world.process.get(CreatePolicy)(ROOT, policy)
    world.process.get(ManageChannels).create(ROOT, mailbox(world, "ann@example.com"))
    server = world.server("web", "10.0.0.1", [ann])
    world.report(server.id, 75)
    assert [None] == [n.target.user_id for n in world.outbox()]
    world.let_pass(1)
    world.report(server.id, 95)
    assert [None, ann.id] == [n.target.user_id for n in world.outbox()]
