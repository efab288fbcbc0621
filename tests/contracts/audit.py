from dataclasses import replace
from datetime import datetime

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.audit import AuditFilter
from monitor.domain.errors import Forbidden
from tests.contracts.builders import ADMIN, AT, HOSTILE, NOBODY, SECOND, NewUow, an_entry, stored_user


def add(new_uow: NewUow, *entries) -> None:
    with new_uow() as uow:
        for entry in entries:
            uow.audit.add(entry)
        uow.commit()


class AuditContract:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_an_entry_is_read_back_equal(self, new_uow, queries, text):
        """It may hold any characters: a failed log-in quotes what was typed."""
        entry = an_entry(
            text[:48] + "\r\n",
            at=AT,
            detail=text * 3,
            user_id=UserId(7),
            username=text[:50],
            address="2001:db8::1",
        )
        add(new_uow, entry)
        (found,) = queries.audit.newest(ADMIN, limit=10)
        assert found == replace(entry, id=found.id)
        assert found.id > 0

    def test_an_entry_needs_no_user(self, new_uow, queries):
        add(new_uow, an_entry(user_id=None, username="", address=None))
        (found,) = queries.audit.newest(ADMIN, limit=10)
        assert (found.user_id, found.username, found.address) == (None, "", None)

    def test_entries_stay_after_the_user_is_deleted(self, new_uow, queries):
        user = stored_user(new_uow)
        add(new_uow, an_entry(user_id=user.id, username=user.username))
        before = queries.audit.newest(ADMIN, limit=10)
        with new_uow() as uow:
            uow.users.delete(user.id)
            uow.commit()
        assert queries.audit.newest(ADMIN, limit=10) == before

    def test_pages_are_newest_first_without_gap_or_repeat(self, new_uow, queries):
        """The order is that of storing, also within a second."""
        targets = [f"server {n}" for n in range(11)]
        add(new_uow, *(an_entry(target, at=AT + n // 3 * SECOND) for n, target in enumerate(targets)))
        for limit in (1, 2, 3, 11, 12):
            seen: list[str] = []
            before: tuple[datetime, int] | None = None
            while page := queries.audit.newest(ADMIN, before=before, limit=limit):
                assert len(page) <= limit
                seen += [entry.target for entry in page]
                assert len(seen) <= len(targets), "the pages go round in a circle"
                before = page[-1].at, page[-1].id
            assert seen == targets[::-1]

    def test_only_admins_read_it(self, queries):
        with pytest.raises(Forbidden):
            queries.audit.newest(NOBODY, limit=10)

    def test_the_oldest_are_deleted_first(self, new_uow, queries):
        with new_uow() as uow:
            assert uow.audit.oldest() is None
        add(new_uow, *(an_entry(f"server {n}", at=AT + (n * 7 % 10) * SECOND) for n in range(10)))
        with new_uow() as uow:
            assert AT == uow.audit.oldest()
            assert 2 == uow.audit.delete_before(AT + 4 * SECOND, limit=2)
            uow.commit()
        with new_uow() as uow:
            assert AT + 2 * SECOND == uow.audit.oldest()
            assert 2 == uow.audit.delete_before(AT + 4 * SECOND, limit=100)
            assert 0 == uow.audit.delete_before(AT + 4 * SECOND, limit=100)
            uow.commit()
        assert sorted(range(4, 10)) == sorted(
            (entry.at - AT).seconds for entry in queries.audit.newest(ADMIN, limit=100)
        )

    def test_a_rollback_restores_deleted_entries(self, new_uow, queries):
        add(new_uow, an_entry(at=AT))
        with new_uow() as uow:
            assert 1 == uow.audit.delete_before(AT + SECOND, limit=10)
        assert 1 == len(queries.audit.newest(ADMIN, limit=10))


ANN, BOB = UserId(7), UserId(8)
LOGGED = (
    an_entry("web_1", at=AT, user_id=ANN, username="ann", action="server.create", detail="port: null -> 22"),
    an_entry("web/1", at=AT + SECOND, user_id=BOB, username="bob", action="server.delete", address="192.0.2.1"),
    an_entry("bob", at=AT + 2 * SECOND, user_id=ANN, username="ann", action="user.delete"),
    an_entry("ann", at=AT + 3 * SECOND, username="", action="session.login_failed", detail="É: 100%"),
    an_entry("web_1", at=AT + 4 * SECOND, user_id=ANN, username="ann", action="serverless.create"),
)
FILTERS = {
    "no condition": (AuditFilter(), [4, 3, 2, 1, 0]),
    "a person": (AuditFilter(user_id=ANN), [4, 2, 0]),
    "a name": (AuditFilter(username="bob"), [1]),
    "nobody's": (AuditFilter(username=""), [3]),
    "a target": (AuditFilter(target="web_1"), [4, 0]),
    "a whole action": (AuditFilter(action="server.delete"), [1]),
    "all actions on a thing": (AuditFilter(action="server"), [1, 0]),
    "no such thing": (AuditFilter(action="serv"), []),
    "a wildcard in the thing": (AuditFilter(action="s_rver"), []),
    "from a time on": (AuditFilter(since=AT + 3 * SECOND), [4, 3]),
    "before a time": (AuditFilter(until=AT + SECOND), [0]),
    "a time with no entry": (AuditFilter(since=AT + 9 * SECOND), []),
    "text in the target": (AuditFilter(text="WEB_"), [4, 0]),
    "text in the details": (AuditFilter(text="port"), [0]),
    "text in the name": (AuditFilter(text="bo"), [2, 1]),
    "text in the address": (AuditFilter(text="192.0"), [1]),
    "text with signs of a pattern": (AuditFilter(text="100%"), [3]),
    "nothing but a sign of a pattern": (AuditFilter(text="/"), [1]),
    "text beyond ASCII": (AuditFilter(text="É"), [3]),
    "all of them together": (AuditFilter(user_id=ANN, username="ann", action="server", text="Web", since=AT), [0]),
}


class AuditFilterContract:
    @pytest.mark.parametrize("wanted", FILTERS)
    def test_entries_are_found_by(self, new_uow, queries, wanted):
        add(new_uow, *LOGGED)
        conditions, expected = FILTERS[wanted]
        found = queries.audit.newest(ADMIN, conditions, limit=10)
        assert expected == [LOGGED.index(replace(entry, id=0)) for entry in found]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_any_text_is_found_and_harms_nothing(self, new_uow, queries, text):
        add(new_uow, an_entry(text, username=text[:50], detail=text), an_entry("another"))
        for wanted in (AuditFilter(text=text), AuditFilter(target=text), AuditFilter(username=text[:50])):
            assert [text] == [entry.target for entry in queries.audit.newest(ADMIN, wanted, limit=10)]
        assert [] == queries.audit.newest(ADMIN, AuditFilter(action=text), limit=10)

    def test_pages_follow_the_time_and_not_the_ids(self, new_uow, queries):
        """In a cluster a later entry may have a smaller id."""
        add(new_uow, *(an_entry(f"server {n}", at=AT + (n * 7 % 10) * SECOND) for n in range(10)))
        seen: list[datetime] = []
        before: tuple[datetime, int] | None = None
        while page := queries.audit.newest(ADMIN, AuditFilter(action="server"), before=before, limit=3):
            seen += [entry.at for entry in page]
            before = page[-1].at, page[-1].id
        assert [AT + n * SECOND for n in reversed(range(10))] == seen
