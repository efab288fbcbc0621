"""Mails about accounts: written with the change, sent at least once, given up after a day of failures."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import MemoryMailer
from monitor.application.notifications.account_mails import SendAccountMails
from monitor.application.notifications.sender_ports import AccountNotice, SendResult, SendStatus
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import StorageUnavailable
from monitor.domain.notifications.outbox import FIRST_PAUSE, GIVE_UP_AFTER, LEASE
from tests.contracts.account_mails import a_mail
from tests.unit.application.core import Core

OLD, NEW = "old@example.com", "new@example.com"


def waiting(core: Core) -> int:
    """Return how many there are, without keeping the claims."""
    count, later = 0, core.clock.now() + timedelta(days=99)
    with core.new_uow() as uow:
        while uow.account_mails.claim(later, leased_until=later + LEASE, holder="a counter") is not None:
            count += 1
    return count


@pytest.fixture
def eve(core: Core) -> Actor:
    """Somebody with an address."""
    return replace(core.user("eve", email=OLD, locale="en"), address="192.0.2.7")


def put(core: Core, *changes: str) -> None:
    with core.new_uow() as uow:
        for username in changes or ("ann",):
            uow.account_mails.add(a_mail(username, at=core.clock.now()))
        uow.commit()


class Unconfigured(MemoryMailer):
    @property
    def is_configured(self) -> bool:
        return False


class Dying(MemoryMailer):
    """Ends the process, so to say, once the mail is on its way."""

    def send_notice(self, notice: AccountNotice) -> SendResult:
        super().send_notice(notice)
        raise StorageUnavailable


def test_a_new_address_is_announced_to_the_former_one(core: Core, eve: Actor) -> None:
    core.update_profile(eve, email=NEW)
    core.send_account_mails()
    [notice] = core.mailer.notices
    mail = notice.mail
    assert (OLD, AccountEvent.EMAIL_CHANGED, NEW) == (mail.email, mail.event, mail.name)
    assert ("eve", "192.0.2.7", core.clock.now(), "en") == (mail.changed_by, mail.address, mail.at, mail.locale)
    assert "https://monitor.example.com/profile" == notice.link


def test_so_is_one_that_an_administrator_sets_or_removes(core: Core, root: Actor, eve: Actor) -> None:
    core.change_user(root, eve.user_id, email=NEW)
    core.change_user(root, eve.user_id, email=None)
    core.send_account_mails()
    assert [(OLD, NEW, "root"), (NEW, "", "root")] == [
        (notice.mail.email, notice.mail.name, notice.mail.changed_by) for notice in core.mailer.notices
    ]


def test_nothing_is_announced_without_a_former_address_or_a_change(core: Core, root: Actor, ann: Actor) -> None:
    core.update_profile(ann, email=NEW)
    core.update_profile(ann, email=NEW, locale="en")
    core.change_user(root, ann.user_id, email=NEW)
    core.send_account_mails()
    assert [] == core.mailer.notices


def test_each_is_sent_once_and_then_gone(core: Core) -> None:
    put(core, "one", "two", "three")
    core.send_account_mails()
    core.send_account_mails()
    assert ["one", "two", "three"] == [notice.mail.username for notice in core.mailer.notices]
    assert 0 == waiting(core)


def test_a_failure_is_tried_again_after_a_pause_with_the_same_id(core: Core) -> None:
    put(core)
    core.mailer.answers["ann@example.com"] = SendResult(SendStatus.RETRY, "timed out")
    core.send_account_mails()
    del core.mailer.answers["ann@example.com"]
    core.clock.advance(FIRST_PAUSE - timedelta(seconds=1))
    core.send_account_mails()
    assert [] == core.mailer.notices
    core.clock.advance(1)
    core.send_account_mails()
    [notice] = core.mailer.notices
    assert (1, "timed out") == (notice.mail.attempts, notice.mail.last_error)


def test_a_refused_one_is_given_up_and_administrators_can_read_why(core: Core) -> None:
    put(core)
    core.mailer.answers["ann@example.com"] = SendResult(SendStatus.REFUSED, "550 no such mailbox")
    core.send_account_mails()
    assert 0 == waiting(core)
    [entry] = core.audit()
    assert ("account_mail.give_up", "ann", "email_changed: 550 no such mailbox") == (
        entry.action,
        entry.target,
        entry.detail,
    )


def test_one_that_always_fails_is_given_up_after_a_day(core: Core) -> None:
    put(core)
    core.mailer.answers["ann@example.com"] = SendResult(SendStatus.RETRY, "timed out")
    begun = core.clock.now()
    while waiting(core):
        core.send_account_mails()
        core.clock.advance(timedelta(minutes=10))
    assert GIVE_UP_AFTER <= core.clock.now() - begun <= GIVE_UP_AFTER + timedelta(hours=2)
    assert "account_mail.give_up" == core.audit()[0].action


def test_a_failing_one_holds_up_no_other(core: Core) -> None:
    put(core, "one")
    with core.new_uow() as uow:
        uow.account_mails.add(a_mail("two", email="two@example.com", at=core.clock.now()))
        uow.commit()
    core.mailer.answers["ann@example.com"] = SendResult(SendStatus.RETRY, "timed out")
    core.send_account_mails()
    assert ["two"] == [notice.mail.username for notice in core.mailer.notices]


def test_after_a_crash_it_is_sent_again_with_the_same_id(core: Core) -> None:
    put(core)
    core.mailer = Dying()
    with pytest.raises(StorageUnavailable):
        core.send_account_mails()
    [first], core.mailer = core.mailer.notices, MemoryMailer()
    core.send_account_mails()
    assert [] == core.mailer.notices
    core.clock.advance(LEASE)
    core.send_account_mails()
    [second] = core.mailer.notices
    assert first.message_id == second.message_id


def test_a_process_that_lost_its_claim_sends_nothing(core: Core) -> None:
    """It stood still for longer than its lease, and another has taken over."""

    class Slow(MemoryMailer):
        def send_notice(self, notice: AccountNotice) -> SendResult:
            core.clock.advance(LEASE)
            other()
            return super().send_notice(notice)

    quick = MemoryMailer()
    other = SendAccountMails(core.new_uow, core.clock, quick, "other", core.mail_in_force)
    put(core)
    core.mailer = Slow()
    core.send_account_mails()
    assert (0, 1) == (len(core.mailer.notices), len(quick.notices))


def test_without_a_mail_server_they_wait_for_a_day(core: Core) -> None:
    put(core)
    core.mailer = Unconfigured()
    core.send_account_mails()
    core.clock.advance(timedelta(days=1))
    core.tidy_up()
    assert 1 == waiting(core)
    core.clock.advance(1)
    core.tidy_up()
    assert 0 == waiting(core)


def test_with_one_they_are_never_dropped(core: Core) -> None:
    """The server may have been off for a week."""
    put(core)
    core.clock.advance(timedelta(days=7))
    core.tidy_up()
    core.send_account_mails()
    assert 1 == len(core.mailer.notices)


def test_two_changes_have_two_ids(core: Core) -> None:
    put(core, "one", "one")
    core.send_account_mails()
    assert 2 == len({notice.message_id for notice in core.mailer.notices})
