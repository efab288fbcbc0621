"""A channel's settings are checked only when they change."""

from dataclasses import replace

import pytest

from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.outbound.connections import Outbound
from monitor.application.notifications.channels import ManageChannels
from monitor.domain.errors import InvalidInput
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.unit.application.alerts.alert_world import ROOT, World

OUTBOUND = Outbound(resolver=lambda *_: ["192.0.2.1"])
URL = "https://10.0.0.1/once-allowed"


class MeddledSender(WebhookSender):
    """Sender that changes the channel while its first address is checked."""

    def __init__(self, world: World) -> None:
        super().__init__(OUTBOUND, world.clock)
        self._world = world
        self.checked: list[object] = []

    def check(self, channel: Channel) -> None:
        self.checked.append(channel.settings)
        if len(self.checked) == 1:
            with self._world.process.uow() as uow:
                before = uow.channels.get(channel.id)
                uow.channels.save(replace(before, settings={**before.settings, "secret": "theirs"}))
                uow.commit()
        super().check(channel)


def stored(world: World) -> Channel:
    channel = Channel(name="hook", kind=ChannelKind("webhook"), settings={"url": URL}, created_at=world.now)
    with world.process.uow() as uow:
        channel = uow.channels.add(channel)
        uow.commit()
    return channel


def test_a_channel_that_is_no_longer_valid_can_be_renamed_and_disabled():
    """The dialog also sends the settings, as they are shown."""
    world = World()
    world.process.shared.senders.override({ChannelKind("webhook"): WebhookSender(OUTBOUND, world.clock)})
    manage, channel = world.process.get(ManageChannels), stored(world)
    shown = manage.shown(channel)
    assert not manage.change(ROOT, channel.id, enabled=False).enabled
    after = manage.change(ROOT, channel.id, name="old", settings=shown)
    assert ("old", {"url": URL}) == (after.name, after.settings)
    with pytest.raises(InvalidInput):
        manage.change(ROOT, channel.id, settings={"secret": "hush"})


def test_all_stored_settings_were_checked_together():
    """The check is outside of the transaction: if the channel changed during the check, it runs again."""
    world = World()
    sender = MeddledSender(world)
    world.process.shared.senders.override({ChannelKind("webhook"): sender})
    channel, url = stored(world), "https://hooks.example.com/a"
    after = world.process.get(ManageChannels).change(ROOT, channel.id, settings={"url": url})
    assert [{"url": url}, {"url": url, "secret": "theirs"}] == sender.checked
    assert sender.checked[-1] == after.settings
