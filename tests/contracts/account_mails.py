"""Mails about accounts: who may send which, and for how long."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from monitor.domain.accounts.account_mails import AccountEvent, AccountMail
from monitor.domain.accounts.actors import UserId
from tests.contracts.builders import AT, HOSTILE, MICROSECOND, SECOND, NewUow
from tests.contracts.threads import at_once, until_no_conflict

LEASE = timedelta(minutes=2)


def a_mail(username: str = "ann", **changes: Any) -> AccountMail:
    mail = AccountMail(
        user_id=UserId(7),
        username=username,
        email="ann@example.com",
        locale="en",
        event=AccountEvent.EMAIL_CHANGED,
        name="new@example.com",
        changed_by="root",
        address="2001:db8::1",
        at=AT,
    )
    return replace(mail, **changes)


def stored(new_uow: NewUow, *mails: AccountMail) -> None:
    with new_uow() as uow:
        for mail in mails:
            uow.account_mails.add(mail)
        uow.commit()


def claimed(new_uow: NewUow, at=AT, holder: str = "a") -> AccountMail | None:
    """As committed."""
    with new_uow() as uow:
        mail = uow.account_mails.claim(at, leased_until=at + LEASE, holder=holder)
        uow.commit()
    return mail


def names(new_uow: NewUow, at=AT, holder: str = "a") -> list[str]:
    """Claim all that are due."""
    found = []
    while (mail := claimed(new_uow, at, holder)) is not None:
        found.append(mail.username)
    return found


class AccountMailsContract:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_mail_is_read_back_equal_and_due_at_once(self, new_uow, text):
        mail = a_mail(text[:50], name=text, changed_by=text[:50])
        stored(new_uow, mail)
        found = claimed(new_uow)
        assert found is not None
        assert replace(mail, id=found.id, not_before=AT) == found
        assert found.id > 0

    @pytest.mark.parametrize("event", AccountEvent)
    def test_every_event_can_be_stored(self, new_uow, event):
        stored(new_uow, a_mail(event=event))
        found = claimed(new_uow)
        assert found is not None
        assert event is found.event

    def test_too_long_texts_are_cut(self, new_uow):
        """A mail that could not be stored would undo the change that it is about."""
        stored(new_uow, a_mail(name="n" * 1000, changed_by="c" * 1000, address="a" * 1000))
        found = claimed(new_uow)
        assert found is not None
        assert ("n" * 255, "c" * 50, "a" * 255) == (found.name[:255], found.changed_by[:50], found.address[:255])

    def test_the_longest_waiting_come_first_and_none_before_its_time(self, new_uow):
        stored(
            new_uow,
            a_mail("third", not_before=AT),
            a_mail("first", not_before=AT - 2 * SECOND),
            a_mail("later", not_before=AT + MICROSECOND),
            a_mail("second", not_before=AT - SECOND),
        )
        assert ["first", "second", "third"] == names(new_uow)

    def test_a_leased_one_is_free_when_the_lease_ends(self, new_uow):
        stored(new_uow, a_mail())
        assert ["ann"] == names(new_uow)
        assert [] == names(new_uow, AT + LEASE - MICROSECOND, "b")
        assert ["ann"] == names(new_uow, AT + LEASE, "b")

    def test_a_claim_that_is_not_committed_is_none(self, new_uow):
        stored(new_uow, a_mail())
        with new_uow() as uow:
            assert uow.account_mails.claim(AT, leased_until=AT + LEASE, holder="a") is not None
        assert ["ann"] == names(new_uow)

    def test_only_its_holder_holds_it(self, new_uow):
        stored(new_uow, a_mail())
        mail = claimed(new_uow)
        assert mail is not None
        with new_uow() as uow:
            assert [True, False, False] == [
                uow.account_mails.holds("a", mail.id),
                uow.account_mails.holds("b", mail.id),
                uow.account_mails.holds("a", mail.id + 1),
            ]
        claimed(new_uow, AT + LEASE, "b")
        with new_uow() as uow:
            assert not uow.account_mails.holds("a", mail.id)

    def test_one_that_is_put_off_waits_and_keeps_what_it_says(self, new_uow):
        stored(new_uow, a_mail())
        mail = claimed(new_uow)
        assert mail is not None
        later = replace(mail, attempts=3, not_before=AT + 9 * SECOND, last_error="timed out")
        with new_uow() as uow:
            uow.account_mails.put_off(later)
            uow.commit()
        assert claimed(new_uow, AT + 8 * SECOND) is None
        assert later == claimed(new_uow, AT + 9 * SECOND, "b")

    def test_a_deleted_one_stays_deleted(self, new_uow):
        stored(new_uow, a_mail())
        mail = claimed(new_uow)
        assert mail is not None
        with new_uow() as uow:
            uow.account_mails.delete(mail.id)
            uow.account_mails.delete(mail.id)
            uow.account_mails.put_off(replace(mail, not_before=AT))
            assert not uow.account_mails.holds("a", mail.id)
            uow.commit()
        assert [] == names(new_uow, AT + LEASE)

    def test_a_dead_process_holds_none(self, new_uow):
        stored(new_uow, a_mail("one"), a_mail("two"))
        claimed(new_uow, holder="dead")
        claimed(new_uow, holder="alive")
        with new_uow() as uow:
            uow.account_mails.free("dead")
            uow.commit()
        assert ["one"] == names(new_uow, holder="alive")

    def test_old_ones_are_deleted_by_the_time_of_the_change(self, new_uow):
        stored(new_uow, a_mail("old", at=AT - MICROSECOND), a_mail("new", not_before=AT - SECOND))
        with new_uow() as uow:
            assert 1 == uow.account_mails.delete_before(AT)
            uow.commit()
        assert ["new"] == names(new_uow)

    def test_two_at_once_never_claim_the_same(self, new_uow):
        stored(new_uow, *(a_mail(f"user {n}") for n in range(8)))
        found: dict[str, list[str]] = {"a": [], "b": []}

        def claim(holder: str) -> None:
            def once() -> None:
                if (mail := claimed(new_uow, holder=holder)) is not None:
                    found[holder].append(mail.username)

            for _ in range(8):
                until_no_conflict(once)

        at_once(partial(claim, "a"), partial(claim, "b"))
        assert sorted(f"user {n}" for n in range(8)) == sorted(found["a"] + found["b"])
