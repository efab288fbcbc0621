"""An alert goes out by the ways that a person chose, each at its time and only once."""

from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import MemorySender
from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.notify.pushover.channel import PushoverSender
from monitor.adapters.notify.web_push.channel import WebPushSender
from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.notifications.sender_ports import Message, SendResult, SendStatus
from monitor.application.notifications.ways import ManageWays
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import Server
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.oncall.ways import MAIL, WEB_PUSH, Way
from monitor.domain.policies.policies import Policy
from tests.unit.adapters.notify.test_web_push import SUBSCRIBED
from tests.unit.application.alerts.alert_world import ROOT, World

AT_ONCE = timedelta(0)
DIGEST = 11
PHONE = {"token": "a", "user": "b", "locale": "zh-CN"}


class Answering(MemorySender):
    """A sender whose *answer* a test chooses."""

    answer = SendResult(SendStatus.SENT)

    def send(self, channel: Channel, message: Message) -> SendResult:
        super().send(channel, message)
        return self.answer

    @property
    def events(self) -> list[EventKind]:
        return [item.event_kind for _, message in self.sent for item in message.items]


class Scene:
    """bob is linked to a server on which a policy fires from 70 % (warning) and 85 % (critical)."""

    def __init__(self) -> None:
        self.phone, self.browser = Answering(PushoverSender.form), Answering(WebPushSender.form)
        self.team = Answering(TeamMailSender.form)
        every = (self.phone, self.browser, self.team)
        self.world = World(senders={ChannelKind(each.form.kind): each for each in every})
        self.bob: User = self.world.person("bob", "bob@example.com")
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE)
        self.world.process.get(CreatePolicy)(ROOT, policy)
        self.server: Server = self.world.server("web1", "10.0.0.1", [self.bob])

    @property
    def actor(self) -> Actor:
        return Actor(user_id=self.bob.id, username=self.bob.username, role=self.bob.role)

    def choose(self, *ways: Way) -> list[Way]:
        chosen = self.world.process.get(ManageWays).choose(self.actor, ways)
        self.world.process.fleet.refresh()
        return chosen

    def way(self, kind: str = MAIL, settings: dict[str, str] | None = None, **more) -> Way:
        return Way(user_id=self.bob.id, kind=kind, settings=settings or {}, **more)

    def fires(self, cpu: float = 90, seconds: float = DIGEST) -> None:
        self.world.clock.advance(timedelta(seconds=1))
        self.world.report(self.server.id, cpu)
        self.world.let_pass(seconds)

    def notified(self) -> list[tuple[str | None, str | None, str | None, str | None]]:
        entries = self.world.timeline(self.world.alerts()[0])
        return [
            (each.username, each.channel, each.recipient, each.note)
            for each in entries
            if each.event_kind is EventKind.NOTIFIED
        ]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_each_way_gets_the_alert_and_its_end(scene: Scene):
    """By its own service, with the link that acknowledges, and in the language of the person or of the way."""
    scene.choose(scene.way(), scene.way("pushover", PHONE), scene.way(WEB_PUSH, SUBSCRIBED))
    scene.fires()
    scene.fires(10)
    assert [1, 1] == [len(message.items) for _, message in scene.world.mailer.sent]
    assert [EventKind.FIRED, EventKind.RESOLVED] == scene.phone.events == scene.browser.events
    [(_, to_phone), _], [(_, to_browser), _] = scene.phone.sent, scene.browser.sent
    assert ("zh-CN", "en") == (to_phone.locale, to_browser.locale)
    [item] = to_phone.items
    assert (item.ack_link or "").startswith("https://monitor.example.com/ack/")
    links = {message.items[0].ack_link for message in (to_phone, to_browser)}
    assert len(links) == 2, "each way has a link of its own"


def test_the_timeline_says_by_which_way_with_the_receipt(scene: Scene):
    scene.choose(scene.way(), scene.way("pushover", PHONE), scene.way(WEB_PUSH, SUBSCRIBED))
    scene.phone.answer = SendResult(SendStatus.SENT, receipt="r3ce1pt")
    scene.fires()
    assert {
        ("bob", "email", "bob@example.com", None),
        ("bob", "pushover", None, "receipt r3ce1pt"),
        ("bob", "web_push", None, None),
    } == set(scene.notified())
    addresses = {n.address for n in scene.world.outbox()}
    assert {"bob@example.com", "bob (pushover)", "bob (web_push)"} == addresses


def test_who_chose_no_mail_gets_none(scene: Scene):
    scene.choose(scene.way("pushover", PHONE))
    scene.fires()
    assert ([], 1) == (scene.world.mailer.sent, len(scene.phone.sent))


def test_a_second_mailbox_goes_through_the_mail_server(scene: Scene):
    scene.choose(scene.way("email", {"address": "home@example.com"}))
    scene.fires()
    assert ["home@example.com"] == [channel.settings["address"] for channel, _ in scene.team.sent]
    assert [("bob", "email", None, None)] == scene.notified()


def test_a_way_with_a_higher_level_waits_for_it(scene: Scene):
    scene.choose(scene.way(), scene.way("pushover", PHONE, level=Level.CRITICAL))
    scene.fires(75)
    assert (1, 0) == (len(scene.world.mailer.sent), len(scene.phone.sent))
    scene.fires(90)
    assert (2, 1) == (len(scene.world.mailer.sent), len(scene.phone.sent))


def test_a_later_way_is_not_taken_along_by_an_earlier_one(scene: Scene):
    scene.choose(scene.way(), scene.way("pushover", PHONE, after=timedelta(minutes=10)))
    scene.fires()
    assert (1, 0) == (len(scene.world.mailer.sent), len(scene.phone.sent))
    scene.world.let_pass(600, every=30)
    assert 1 == len(scene.phone.sent)


def test_a_later_way_is_left_out_once_somebody_acknowledged(scene: Scene):
    scene.choose(scene.way(), scene.way("pushover", PHONE, after=timedelta(minutes=10)))
    scene.fires()
    scene.world.process.get(AcknowledgeAlert)(scene.actor, scene.world.alerts()[0].id)
    scene.world.let_pass(700, every=30)
    assert [] == scene.phone.sent
    scene.fires(10)
    assert [] == scene.phone.sent, "and so is the end of what it did not get"


def test_a_refused_way_is_shown_as_failed_and_a_success_clears_it(scene: Scene):
    """The others go on, and the way stays."""
    scene.choose(scene.way(), scene.way(WEB_PUSH, SUBSCRIBED))
    scene.browser.answer = SendResult(SendStatus.REFUSED, "the subscription has ended")
    scene.fires()
    assert 1 == len(scene.world.mailer.sent)
    directory = scene.world.process.fleet.directory
    assert ["", "the subscription has ended"] == [way.failed for way in directory.roster.ways_of(scene.bob.id)]
    [parked] = [n for n in scene.world.outbox() if n.delivery is DeliveryState.PARKED]
    assert "bob (web_push)" == parked.address


def test_what_is_tried_again_has_not_failed(scene: Scene):
    scene.choose(scene.way("pushover", PHONE))
    scene.phone.answer = SendResult(SendStatus.RETRY, "answered 500")
    scene.fires()
    assert [""] == [way.failed for way in scene.world.process.fleet.directory.roster.ways_of(scene.bob.id)]
    scene.phone.answer = SendResult(SendStatus.SENT)
    scene.world.let_pass(60, every=5)
    assert [("bob", "pushover", None, None)] == scene.notified()


def test_a_way_that_was_removed_gets_nothing_any_more(scene: Scene):
    scene.choose(scene.way(), scene.way("pushover", PHONE, after=timedelta(minutes=10)))
    scene.fires()
    scene.choose(scene.way())
    scene.world.let_pass(700, every=30)
    assert [] == scene.phone.sent
