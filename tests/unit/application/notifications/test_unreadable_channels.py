"""A lost key costs the secrets of channels, and nothing else."""

from dataclasses import replace

import pytest

from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.outbound.connections import Outbound
from monitor.application.notifications.channels import UNREADABLE, EncryptSecrets, ManageChannels, TryChannel, send
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.errors import InvalidInput
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.unit.adapters.notify.messages import a_message
from tests.unit.application.alerts.alert_world import ROOT, World


@pytest.fixture
def world() -> World:
    world = World()
    outbound = Outbound(resolver=lambda *_: ["192.0.2.1"])
    world.process.shared.senders.override({ChannelKind("webhook"): WebhookSender(outbound, world.clock)})
    return world


def an_unreadable(world: World, name: str) -> Channel:
    channel = Channel(name=name, kind=ChannelKind("webhook"), settings={}, created_at=world.now, readable=False)
    with world.process.uow() as uow:
        channel = uow.channels.add(channel)
        uow.commit()
    return channel


def test_its_notifications_fail_with_the_reason_and_are_tried_again(world: World):
    channel = an_unreadable(world, "hook")
    assert SendResult(SendStatus.RETRY, UNREADABLE) == send(world.process.shared.senders(), channel, a_message())
    assert SendResult(SendStatus.RETRY, UNREADABLE) == world.process.get(TryChannel)(ROOT, channel.id)
    assert {} == world.process.get(ManageChannels).shown(channel)


def test_it_can_be_disabled_renamed_and_given_new_secrets(world: World):
    manage, channel = world.process.get(ManageChannels), an_unreadable(world, "hook")
    changed = manage.change(ROOT, channel.id, name="lost", enabled=False)
    assert replace(channel, name="lost", enabled=False) == changed
    with pytest.raises(InvalidInput):
        manage.change(ROOT, channel.id, settings={"secret": "hush"})
    after = manage.change(ROOT, channel.id, settings={"url": "https://hooks.example.com/a"})
    assert (True, {"url": "https://hooks.example.com/a"}) == (after.readable, after.settings)


def test_two_of_them_do_not_have_the_same_destination(world: World):
    one, two = an_unreadable(world, "one"), an_unreadable(world, "two")
    assert not one.has_same_destination(two, ["url"])
    assert "two of them" == world.process.get(ManageChannels).change(ROOT, two.id, name="two of them").name
    assert ["one", "two of them"] == world.process.get(EncryptSecrets)()
