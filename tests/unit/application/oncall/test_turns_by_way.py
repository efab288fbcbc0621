"""What is about turns on call goes by a way that the person chose, and is tried again like all messages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import MemoryMailer
from monitor.application.notifications.account_mails import SendAccountMails
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.notifications.outbox import FIRST_PAUSE, LEASE
from monitor.domain.oncall.rotas import Override, Rota
from monitor.domain.oncall.ways import MAIL, WEB_PUSH
from tests.unit.adapters.notify.test_web_push import SUBSCRIBED
from tests.unit.application.alerts.alert_world import START
from tests.unit.application.notifications.test_delivery_by_way import PHONE, Answering, Scene

HOUR = timedelta(hours=1)
BOTH = [AccountEvent.HANDED_OVER, AccountEvent.ON_CALL_SOON]
"""What bob, who takes turns of a day with eve, gets when his ends."""


class Unconfigured(MemoryMailer):
    is_configured = False


class Turns(Scene):
    """bob is on call until an hour after the start, then eve, who has nothing but an address."""

    def __init__(self) -> None:
        super().__init__()
        eve = self.world.person("eve", "eve@example.com")
        starts_at, people = START - timedelta(hours=23), (self.bob.id, eve.id)
        with self.world.new_uow() as uow:
            uow.rotas.add(Rota(name="nights", timezone="UTC", starts_at=starts_at, turn_days=1, user_ids=people))
            uow.commit()
        self.world.process.fleet.refresh()

    def forget_address(self) -> None:
        with self.world.new_uow() as uow:
            uow.users.save(replace(uow.users.get(self.bob.id), email=None))
            uow.commit()

    def without_mail_server(self) -> None:
        self.world.mailer = Unconfigured()
        self.world.restart()

    def hands_over(self) -> None:
        self.world.clock.advance(timedelta(minutes=59, seconds=50))
        self.world.let_pass(20, every=10)
        self.send()

    def send(self, after: timedelta = timedelta(0)) -> None:
        self.world.clock.advance(after)
        self.world.process.get(SendAccountMails)()

    def mailed(self, username: str = "bob") -> list[AccountEvent]:
        return sorted(each.mail.event for each in self.world.mailer.notices if each.mail.username == username)


@pytest.fixture
def scene() -> Turns:
    return Turns()


def notices(sender: Answering) -> list[AccountEvent]:
    return sorted(message.notice.event for _, message in sender.sent if message.notice is not None)


@pytest.mark.parametrize("has_mail_server", [True, False])
def test_who_has_no_address_is_notified_by_their_way(scene: Turns, has_mail_server: bool) -> None:
    scene.choose(scene.way("pushover", PHONE))
    scene.forget_address()
    if not has_mail_server:
        scene.without_mail_server()
    scene.hands_over()
    scene.send(LEASE)
    assert (BOTH, []) == (notices(scene.phone), scene.mailed())
    assert ([AccountEvent.HANDED_OVER] if has_mail_server else []) == scene.mailed("eve")


def test_who_chose_nothing_is_mailed(scene: Turns) -> None:
    scene.hands_over()
    assert (BOTH, []) == (scene.mailed(), notices(scene.phone))


def test_who_has_neither_address_nor_way_gets_nothing(scene: Turns) -> None:
    scene.forget_address()
    scene.without_mail_server()
    scene.hands_over()
    with scene.world.new_uow() as uow:
        waiting = uow.account_mails.claim(scene.world.now, leased_until=scene.world.now + LEASE, holder="a test")
    assert waiting is not None
    assert "eve" == waiting.username
    assert 1 == len(scene.world.store._database.state.account_mails.values())


def test_a_confirmed_way_goes_before_others(scene: Turns) -> None:
    chosen = scene.choose(scene.way("pushover", PHONE), scene.way(WEB_PUSH, SUBSCRIBED), scene.way(MAIL))
    with scene.world.new_uow() as uow:
        uow.ways.confirm(scene.bob.id, chosen[1].id, START)
        uow.commit()
    scene.hands_over()
    assert ([], BOTH, []) == (notices(scene.phone), notices(scene.browser), scene.mailed())


def test_else_the_first_one(scene: Turns) -> None:
    scene.choose(scene.way(MAIL), scene.way("pushover", PHONE))
    scene.hands_over()
    assert (BOTH, []) == (scene.mailed(), notices(scene.phone))


def test_a_failure_is_tried_again_after_a_pause(scene: Turns) -> None:
    scene.choose(scene.way("pushover", PHONE))
    scene.phone.answer = SendResult(SendStatus.RETRY, "timed out")
    scene.hands_over()
    scene.phone.answer = SendResult(SendStatus.SENT)
    scene.send(FIRST_PAUSE - timedelta(seconds=1))
    assert BOTH == notices(scene.phone)  # the failures
    scene.send(timedelta(seconds=1))
    scene.send(FIRST_PAUSE)
    assert sorted(BOTH * 2) == notices(scene.phone)


def test_a_way_that_refuses_it_for_good_is_shown_as_failed_and_the_next_one_is_taken(scene: Turns) -> None:
    scene.choose(scene.way(WEB_PUSH, SUBSCRIBED), scene.way("pushover", PHONE))
    scene.browser.answer = SendResult(SendStatus.REFUSED, "the subscription has ended")
    scene.hands_over()
    assert (1, BOTH) == (len(scene.browser.sent), notices(scene.phone))
    browser, phone = scene.world.process.fleet.directory.roster.ways_of(scene.bob.id)
    assert ("the subscription has ended", "") == (browser.failed, phone.failed)


def test_the_last_one_that_refuses_it_ends_it(scene: Turns) -> None:
    scene.choose(scene.way("pushover", PHONE))
    scene.phone.answer = SendResult(SendStatus.REFUSED, "no such user")
    scene.hands_over()
    scene.send(LEASE)
    assert (2, []) == (len(scene.phone.sent), scene.mailed())


def test_of_the_turns_that_began_in_an_outage_the_present_one_alone_is_announced(scene: Turns) -> None:
    """Bob takes two hours of eve's day, one apart from the other."""
    begins = [START + timedelta(hours=hour) for hour in (3, 5)]
    overrides = tuple(Override(scene.bob.id, begin, begin + HOUR) for begin in begins)
    [rota] = scene.world.process.fleet.directory.roster.rotas.values()
    with scene.world.new_uow() as uow:
        uow.rotas.save(replace(rota, overrides=overrides))
        uow.commit()
    scene.world.process.fleet.refresh()
    scene.hands_over()
    assert 1 == scene.mailed().count(AccountEvent.HANDED_OVER)
    scene.world.clock.advance(START + timedelta(hours=5.5) - scene.world.now)
    scene.world.restart()
    scene.world.let_pass(60, every=10)
    scene.send(LEASE)
    assert 2 == scene.mailed().count(AccountEvent.HANDED_OVER)
