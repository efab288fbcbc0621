"""The audit log records old and new values, and never a secret."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.outbound.connections import Outbound
from monitor.application.accounts.profile import UpdateProfile
from monitor.application.accounts.users import ChangeUser
from monitor.application.fleet.batches import ChangeServers
from monitor.application.fleet.server_csv import ExportServers
from monitor.application.fleet.servers import UpdateServer
from monitor.application.notifications.channels import ManageChannels, TryChannel
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence
from monitor.domain.accounts.audit import changes
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.policies.silences import Silence
from tests.unit.application.alerts.alert_world import ROOT, World


@pytest.fixture
def world() -> World:
    return World()


def last(world: World) -> tuple[str, str, str]:
    entry = world.store.queries.audit.newest(ROOT, limit=1)[0]
    return entry.action, entry.target, entry.detail


def test_a_change_has_both_values():
    before = {"a": 1.5, "b": ["x"], "c": "same", "d": 'a "name", -> and 中文', "s": "old secret"}
    after = {**before, "a": 2, "b": [], "d": "other", "e": True, "s": "new secret"}
    details = 'a: 1.5 -> 2, b: ["x"] -> [], d: "a \\"name\\", -> and 中文" -> "other", s changed, e: null -> true'
    assert details == changes(before, after, {"s"})
    assert "" == changes(before, before)


def test_a_change_of_a_server_names_its_users(world: World):
    ann, bob = world.person("ann"), world.person("bob")
    server = world.server("web", "10.0.0.1", [ann], ["eu"])
    world.process.get(UpdateServer)(ROOT, server.id, name="api", user_ids=[ann.id, bob.id], tags=["eu", "db"])
    details = 'name: "web" -> "api", tags: ["eu"] -> ["db", "eu"], user_ids: ["ann"] -> ["ann", "bob"]'
    assert ("server.update", "api", details) == last(world)


def test_a_change_of_many_servers_records_links_and_tags(world: World):
    ann = world.person("ann")
    server = world.server("web", "10.0.0.1", [ann], ["eu"])
    change = world.process.get(ChangeServers)
    change.unlink_users(ROOT, [server.id], [ann.id])
    assert ("server.unlink_users", "web", 'user_ids: ["ann"] -> []') == last(world)
    change.add_tags(ROOT, [server.id], ["db"])
    assert ("server.add_tags", "web", 'tags: ["eu"] -> ["db", "eu"]') == last(world)


def test_a_change_of_a_policy(world: World):
    made = world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", warning=70, scope=Scope(tag="web")))
    world.process.get(UpdatePolicy)(ROOT, made.id, warning=75.0, critical=90.0, clear_for=timedelta(seconds=5))
    details = "tag web; warning: 70 -> 75, critical: null -> 90, clear_for: 60 -> 5"
    assert ("policy.update", "cpu", details) == last(world)


def test_a_change_of_preferences(world: World):
    world.process.get(ChangePreferences)(ROOT, {"digest_wait": 30.0, "raw_days": 2})
    assert ("settings.update", "", "digest_wait: 10 -> 30") == last(world)


def test_a_change_of_a_user_and_of_a_profile(world: World):
    ann = world.person("ann", "ann@example.com")
    world.process.get(ChangeUser)(ROOT, ann.id, email="ann@example.org", alert_level=Level.CRITICAL)
    details = 'email: "ann@example.com" -> "ann@example.org", alert_level: "warning" -> "critical"'
    assert ("user.update", "ann", details) == last(world)
    actor = replace(ROOT, user_id=ann.id, username="ann")
    world.process.get(UpdateProfile)(actor, locale="zh-CN")
    assert ("user.update_profile", "ann", 'locale: "en" -> "zh-CN"') == last(world)


def test_a_change_of_a_channel_hides_its_secrets(world: World):
    world.process.shared.senders.override(
        {
            ChannelKind("email"): TeamMailSender(world.mailer),
            ChannelKind("webhook"): WebhookSender(Outbound(resolver=lambda *_: ["192.0.2.1"]), world.clock),
        }
    )
    manage = world.process.get(ManageChannels)
    mail = Channel(name="team", kind=ChannelKind("email"), settings={"address": "a@example.com"}, created_at=world.now)
    made = manage.create(ROOT, mail)
    manage.change(ROOT, made.id, settings={"address": "b@example.com"}, enabled=False)
    details = 'settings.address: "a@example.com" -> "b@example.com", enabled: true -> false'
    assert ("channel.update", "team", details) == last(world)
    hook = {"url": "https://hooks.example.com/T0KEN", "secret": "hush one"}
    made = manage.create(ROOT, Channel(name="hook", kind=ChannelKind("webhook"), settings=hook, created_at=world.now))
    manage.change(ROOT, made.id, settings={"url": "https://hooks.example.com/0THER", "secret": "hush two"}, name="ops")
    action, target, detail = last(world)
    assert ("channel.update", "ops") == (action, target)
    assert 'name: "hook" -> "ops", settings.url changed, settings.secret changed' == detail


def test_creation_and_deletion_record_the_values(world: World):
    """Secrets are left out."""
    outbound = Outbound(resolver=lambda *_: ["192.0.2.1"])
    world.process.shared.senders.override({ChannelKind("webhook"): WebhookSender(outbound, world.clock)})
    hook = {"url": "https://hooks.example.com/T0KEN", "secret": "hush"}
    manage = world.process.get(ManageChannels)
    made = manage.create(ROOT, Channel(name="hook", kind=ChannelKind("webhook"), settings=hook, created_at=world.now))
    details = (
        'kind: null -> "webhook", settings.url changed, settings.secret changed, '
        'least_level: null -> "warning", enabled: null -> true'
    )
    assert ("channel.create", "hook", details) == last(world)
    manage.delete(ROOT, made.id)
    assert ("channel.delete", "hook") == last(world)[:2]
    assert "T0KEN" not in last(world)[2]
    silence = Silence(
        scope=Scope(tag="web"),
        metric="cpu",
        starts_at=world.now,
        ends_at=world.now + timedelta(hours=1),
        reason="disk",
        created_at=world.now,
    )
    stored = world.process.get(CreateSilence)(ROOT, silence)
    action, target, detail = last(world)
    assert ("silence.create", "tag web") == (action, target)
    assert detail.startswith(f'metric: null -> "cpu", starts_at: null -> "{world.now:%Y-%m-%d %H:%M:%S}", ends_at')
    assert detail.endswith('reason: null -> "disk"')
    world.clock.advance(60)
    for _ in range(2):  # the second time it is over already
        world.process.get(EndSilence)(ROOT, stored.id)
    ended = f'ends_at: "{silence.ends_at:%Y-%m-%d %H:%M:%S}" -> "{world.now:%Y-%m-%d %H:%M:%S}"'
    assert ("silence.end", "tag web", ended) == last(world)
    actions = [each.action for each in world.store.queries.audit.newest(ROOT, limit=9)]
    assert 1 == actions.count("silence.end")
    world.process.get(DeleteSilence)(ROOT, stored.id)
    assert last(world)[2].endswith('reason: "disk" -> null')


def test_tests_and_exports_are_recorded(world: World):
    """They change nothing, but they send data out."""
    mail = Channel(name="team", kind=ChannelKind("email"), settings={"address": "a@example.com"}, created_at=world.now)
    made = world.process.get(ManageChannels).create(ROOT, mail)
    world.process.get(TryChannel)(ROOT, made.id)
    assert ("channel.test", "team", "sent") == last(world)
    world.server("web", "10.0.0.1", [], [])
    assert "web" in world.process.get(ExportServers)(ROOT)
    assert ("server.export", "1 servers", "") == last(world)
