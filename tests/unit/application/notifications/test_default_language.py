"""The installation's language: of messages to people and channels whose own is not known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.notifications.channels import ManageChannels, TryChannel
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World

AT_ONCE = timedelta(0)


@pytest.mark.parametrize("default", ["zh-CN", "en"])
def test_alerts_and_test_messages_use_it(default: str) -> None:
    world = World()
    world.process.get(ChangePreferences)(ROOT, {"default_locale": default})
    known, unknown = (world.person(name, f"{name}@example.com") for name in ("known", "unknown"))
    with world.new_uow() as uow:
        uow.users.save(replace(unknown, locale=None))
        uow.commit()
    webhook = Channel(name="hook", kind=ChannelKind("webhook"), settings={}, created_at=world.now)
    made = world.process.get(ManageChannels).create(ROOT, webhook)
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    web = world.server("web", "10.0.0.1", [known, unknown])
    world.report(web.id, 90)
    world.let_pass(20)
    world.process.get(TryChannel)(ROOT, made.id)
    languages = {(receiver, message.locale) for receiver, message in world.mails()}
    assert {("known@example.com", "en"), ("unknown@example.com", default), ("hook", default)} == languages
