from dataclasses import replace

import pytest

from monitor.domain.accounts.actors import UserId
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
        (found,) = queries.audit.newest(ADMIN, before=None, limit=10)
        assert found == replace(entry, id=found.id)
        assert found.id > 0

    def test_an_entry_needs_no_user(self, new_uow, queries):
        add(new_uow, an_entry(user_id=None, username="", address=None))
        (found,) = queries.audit.newest(ADMIN, before=None, limit=10)
        assert (found.user_id, found.username, found.address) == (None, "", None)

    def test_entries_stay_after_the_user_is_deleted(self, new_uow, queries):
        user = stored_user(new_uow)
        add(new_uow, an_entry(user_id=user.id, username=user.username))
        before = queries.audit.newest(ADMIN, before=None, limit=10)
        with new_uow() as uow:
            uow.users.delete(user.id)
            uow.commit()
        assert queries.audit.newest(ADMIN, before=None, limit=10) == before

    def test_pages_are_newest_first_without_gap_or_repeat(self, new_uow, queries):
        """The order is that of storing, also within a second."""
        targets = [f"server {n}" for n in range(11)]
        add(new_uow, *(an_entry(target, at=AT + n // 3 * SECOND) for n, target in enumerate(targets)))
        for limit in (1, 2, 3, 11, 12):
            seen: list[str] = []
            before: int | None = None
            while page := queries.audit.newest(ADMIN, before=before, limit=limit):
                assert len(page) <= limit
                seen += [entry.target for entry in page]
                assert len(seen) <= len(targets), "the pages go round in a circle"
                before = page[-1].id
            assert seen == targets[::-1]

    def test_only_admins_read_it(self, queries):
        with pytest.raises(Forbidden):
            queries.audit.newest(NOBODY, before=None, limit=10)

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
            (entry.at - AT).seconds for entry in queries.audit.newest(ADMIN, before=None, limit=100)
        )

    def test_a_rollback_restores_deleted_entries(self, new_uow, queries):
        add(new_uow, an_entry(at=AT))
        with new_uow() as uow:
            assert 1 == uow.audit.delete_before(AT + SECOND, limit=10)
        assert 1 == len(queries.audit.newest(ADMIN, before=None, limit=10))
