"""Ways of a person: chosen in order, checked as channels are, and never seen by others."""

from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import MemorySender
from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.notify.pushover.channel import PushoverSender
from monitor.adapters.notify.web_push.channel import WebPushSender
from monitor.adapters.notify.web_push.vapid import DerivedPushKeys
from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.outbound.connections import Outbound
from monitor.application.notifications.channels import ManageChannels
from monitor.application.notifications.sender_ports import ChannelSender, Message, SendResult, SendStatus
from monitor.application.notifications.ways import MAX_WAYS, ManageWays, TryWay
from monitor.domain.accounts.actors import Actor, SessionId
from monitor.domain.accounts.errors import ReauthenticationRequired, TooManyAttempts
from monitor.domain.accounts.limits import WAY_ATTEMPTS, WINDOW
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.oncall.ways import MAIL, WEB_PUSH, Way, WayId
from tests.unit.adapters.notify.test_web_push import SUBSCRIBED
from tests.unit.application.alerts.alert_world import ROOT, World

HOOK = {"url": "https://sms.example.com/T0KEN", "secret": "hush"}
PUSHOVER = {"token": "APPT0KEN", "user": "USERKEY"}


class Changeable(MemorySender):
    """A sender whose *answer* a test chooses."""

    answer = SendResult(SendStatus.SENT)

    def send(self, channel: Channel, message: Message) -> SendResult:
        super().send(channel, message)
        return self.answer


@pytest.fixture
def world() -> World:
    world = World()
    outbound = Outbound(resolver=lambda *_: ["192.0.2.1"])
    senders: list[ChannelSender] = [
        TeamMailSender(world.mailer),
        WebhookSender(outbound, world.clock),
        PushoverSender(outbound),
        WebPushSender(outbound, world.clock, DerivedPushKeys("s" * 32)),
    ]
    world.process.shared.senders.override({sender.form.kind: sender for sender in senders})
    return world


@pytest.fixture
def bob(world: World) -> User:
    return world.person("bob", "bob@example.com")


def actor(user: User, **more) -> Actor:
    return Actor(user_id=user.id, username=user.username, role=user.role, **more)


def way(user: User, kind: str = MAIL, settings: dict[str, str] | None = None, **more) -> Way:
    return Way(user_id=user.id, kind=kind, settings=settings or {}, **more)


def choose(world: World, user: User, *ways: Way) -> list[Way]:
    return world.process.get(ManageWays).choose(actor(user), ways)


def stored(world: World, user: User) -> list[Way]:
    world.process.fleet.refresh()
    return list(world.process.fleet.directory.roster.ways.get(user.id, ()))


def problems(refused: pytest.ExceptionInfo[InvalidInput]) -> dict[str, str]:
    return {name: problem.code for name, problem in refused.value.problems.items()}


def last(world: World) -> tuple[str, str, str]:
    entry = world.store.queries.audit.newest(ROOT, limit=1)[0]
    return entry.action, entry.target, entry.detail


def test_they_are_kept_in_the_order_in_which_they_were_chosen(world: World, bob: User):
    later = timedelta(minutes=10)
    phone, hook = way(bob, "pushover", PUSHOVER, level=Level.CRITICAL), way(bob, "webhook", HOOK, after=later)
    chosen = choose(world, bob, phone, way(bob), hook)
    assert chosen == stored(world, bob)
    assert ["pushover", "mail", "webhook"] == [each.kind for each in chosen]
    assert (Level.CRITICAL, later) == (chosen[0].level, chosen[2].after)
    assert choose(world, bob, *chosen[::-1]) == chosen[::-1] == stored(world, bob)


def test_a_way_that_is_named_by_its_id_keeps_it_and_its_secrets(world: World, bob: User):
    """A mask keeps a secret, an empty text removes one, and another address has confirmed nothing."""
    [hook] = choose(world, bob, way(bob, "webhook", HOOK))
    manage = world.process.get(ManageWays)
    shown = manage.shown(hook, bob)
    assert {"url": "https://sms.example.com/***", "secret": "***"} == shown
    with world.new_uow() as uow:
        uow.ways.confirm(bob.id, hook.id, world.now)
        uow.commit()
    [same] = choose(world, bob, way(bob, "webhook", shown, id=hook.id, level=Level.CRITICAL))
    assert (hook.id, HOOK, world.now) == (same.id, dict(same.settings), same.confirmed_at)
    [other] = choose(world, bob, way(bob, "webhook", {"url": "https://other.example.com/"}, id=hook.id))
    assert (hook.id, {**HOOK, "url": "https://other.example.com/"}) == (other.id, dict(other.settings))
    assert other.confirmed_at is None


def test_what_is_left_out_goes(world: World, bob: User):
    _, mail = choose(world, bob, way(bob, "webhook", HOOK), way(bob))
    assert [mail] == choose(world, bob, mail) == stored(world, bob)
    assert [] == choose(world, bob) == stored(world, bob)
    with pytest.raises(InvalidInput) as refused:
        choose(world, bob, mail)
    assert {"[0].id": "invalid_choice"} == problems(refused)


def test_ways_of_others_cannot_be_taken_over(world: World, bob: User):
    ann = world.person("ann")
    [hook] = choose(world, bob, way(bob, "webhook", HOOK))
    with pytest.raises(InvalidInput):
        choose(world, ann, way(ann, "webhook", {"url": "https://sms.example.com/***"}, id=hook.id))
    with pytest.raises(NotFound):
        world.process.get(TryWay)(actor(ann), hook.id)
    assert [hook] == stored(world, bob)


@pytest.mark.parametrize(
    ("ways", "refused_fields"),
    [
        ([("webhook", {}, 0)], {"[0].settings.url": "required"}),
        (
            [("mail", {}, 0), ("webhook", {"url": "ftp://x", "colour": "red"}, 0)],
            {
                "[1].settings.url": "invalid_url",
                "[1].settings.colour": "unknown_field",
            },
        ),
        ([("mail", {}, 0), ("mail", {}, 0)], {"[1].kind": "repeated"}),
        ([("mail", {"address": "x@example.com"}, 0)], {"[0].kind": "invalid_choice"}),
        ([("pigeon", {}, 0)], {"[0].kind": "invalid_choice"}),
        ([("mail", {}, 86_401)], {"[0].after": "out_of_range"}),
        ([("mail", {}, -1)], {"[0].after": "out_of_range"}),
        ([("email", {"address": "x@example.com"}, 0)] * (MAX_WAYS + 1), {"ways": "too_many"}),
        ([("web_push", SUBSCRIBED | {"auth": "x"}, 0)], {"[0].settings.auth": "invalid_push_key"}),
    ],
)
def test_they_are_checked(world: World, bob: User, ways, refused_fields):
    wanted = [way(bob, kind, settings, after=timedelta(seconds=after)) for kind, settings, after in ways]
    with pytest.raises(InvalidInput) as refused:
        choose(world, bob, *wanted)
    assert refused_fields == problems(refused)
    assert [] == stored(world, bob)


def test_ten_may_be_chosen(world: World, bob: User):
    assert MAX_WAYS == len(choose(world, bob, *[way(bob, "email", {"address": f"{n}@example.com"}) for n in range(10)]))


def test_new_secrets_need_a_fresh_log_in(world: World, bob: User):
    """Who left their screen open keeps their ways; levels and order are changed without."""
    stale = actor(bob, session_id=SessionId("s"), authenticated_at=world.now - timedelta(days=1))
    manage = world.process.get(ManageWays)
    with pytest.raises(ReauthenticationRequired):
        manage.choose(stale, [way(bob, "webhook", HOOK)])
    with pytest.raises(ReauthenticationRequired):
        manage.subscribe(stale, SUBSCRIBED)
    [hook] = choose(world, bob, way(bob, "webhook", HOOK))
    louder = way(bob, "webhook", manage.shown(hook, bob), id=hook.id, level=Level.CRITICAL)
    assert [Level.CRITICAL] == [each.level for each in manage.choose(stale, [louder])]


def test_checks_and_tests_are_limited(world: World, bob: User):
    """A check may start a process, and a test sends to any address."""
    [mail] = choose(world, bob, way(bob))
    for _ in range(WAY_ATTEMPTS):
        world.process.get(TryWay)(actor(bob), mail.id)
    with pytest.raises(TooManyAttempts):
        world.process.get(TryWay)(actor(bob), mail.id)
    with pytest.raises(TooManyAttempts):
        choose(world, bob, way(bob, "webhook", HOOK))
    assert [mail] == choose(world, bob, mail)
    world.process.get(TryWay)(actor(world.person("ann", "ann@example.com")), WayId(0))
    world.clock.advance(WINDOW)
    world.process.get(TryWay)(actor(bob), mail.id)


def test_changes_are_in_the_audit_log_without_secrets(world: World, bob: User):
    choose(world, bob, way(bob), way(bob, "webhook", HOOK, level=Level.CRITICAL, after=timedelta(minutes=5)))
    action, target, detail = last(world)
    assert ("user.change_ways", "bob") == (action, target)
    assert (
        'ways.1: null -> "mail, warning, 0 s", ways.2: null -> "webhook, critical, 300 s", ways.2.settings changed'
    ) == detail
    assert "T0KEN" not in detail


def test_what_changes_nothing_is_not_recorded(world: World, bob: User):
    chosen = choose(world, bob, way(bob))
    before = last(world)
    assert chosen == choose(world, bob, *chosen)
    assert before == last(world)


def test_a_browser_is_added_beside_mail_and_renewed(world: World, bob: User):
    manage = world.process.get(ManageWays)
    push = manage.subscribe(actor(bob), SUBSCRIBED | {"label": "Firefox"})
    assert ["mail", "web_push"] == [each.kind for each in stored(world, bob)]
    with world.new_uow() as uow:
        uow.ways.mark_failed(push.id, "the subscription has ended")
        uow.commit()
    renewed = manage.subscribe(actor(bob), SUBSCRIBED | {"label": "Firefox 150"})
    assert (push.id, "Firefox 150", "") == (renewed.id, renewed.settings["label"], renewed.failed)
    assert ["mail", "web_push"] == [each.kind for each in stored(world, bob)]
    other = manage.subscribe(actor(bob), SUBSCRIBED | {"endpoint": "https://push.example.com/other"})
    assert [WEB_PUSH, WEB_PUSH] == [each.kind for each in stored(world, bob)[1:]]
    manage.unsubscribe(actor(bob), SUBSCRIBED["endpoint"])
    assert other.id == stored(world, bob)[1].id
    manage.unsubscribe(actor(bob), SUBSCRIBED["endpoint"])
    assert 2 == len(stored(world, bob))


def test_no_channel_is_made_of_a_browser(world: World):
    manage = world.process.get(ManageChannels)
    assert WEB_PUSH not in [form.kind for form in manage.forms()]
    push = Channel(name="browser", kind=ChannelKind(WEB_PUSH), settings=SUBSCRIBED, created_at=world.now)
    with pytest.raises(InvalidInput) as refused:
        manage.create(ROOT, push)
    assert {"kind": "invalid_choice"} == problems(refused)


def test_a_test_goes_by_the_way_and_is_recorded(world: World, bob: User):
    sender = Changeable(PushoverSender.form)
    world.process.shared.senders.override({sender.form.kind: sender})
    mail, phone = choose(world, bob, way(bob), way(bob, "pushover", PUSHOVER))
    attempt = world.process.get(TryWay)
    assert SendStatus.SENT is attempt(actor(bob), mail.id).status
    assert [("bob@example.com", True, "en")] == [(to, m.is_test, m.locale) for to, m in world.mailer.sent]
    assert ("user.test_way", "bob", "mail: sent") == last(world)
    assert SendStatus.SENT is attempt(actor(bob), phone.id).status
    [(channel, message)] = sender.sent
    assert (PUSHOVER, True) == (dict(channel.settings), message.is_test)
    assert ("user.test_way", "bob", "pushover: sent") == last(world)
    with pytest.raises(NotFound):
        attempt(actor(bob), WayId(0))


def test_who_chose_no_ways_may_try_their_mailbox(world: World, bob: User):
    world.process.get(TryWay)(actor(bob), WayId(0))
    assert ["bob@example.com"] == [to for to, _ in world.mailer.sent]


def test_a_way_that_was_refused_is_shown_as_failed_until_a_message_goes_through(world: World, bob: User):
    """A service that does not answer for a while has refused nothing."""
    sender = Changeable(PushoverSender.form)
    world.process.shared.senders.override({sender.form.kind: sender})
    [phone] = choose(world, bob, way(bob, "pushover", PUSHOVER))
    for status, failed in (
        (SendStatus.RETRY, ""),
        (SendStatus.REFUSED, "gone"),
        (SendStatus.RETRY, "gone"),
        (SendStatus.SENT, ""),
    ):
        sender.answer = SendResult(status, "" if status is SendStatus.SENT else "gone")
        world.process.get(TryWay)(actor(bob), phone.id)
        assert [failed] == [each.failed for each in stored(world, bob)]
