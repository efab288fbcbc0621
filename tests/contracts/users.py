from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitor.domain.accounts.actors import Role, SessionId, UserId
from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.accounts.errors import UsernameTaken
from monitor.domain.errors import NotFound
from monitor.domain.levels import Level
from monitor.domain.oncall.escalations import Target, TargetKind
from monitor.domain.oncall.rotas import Override
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    MICROSECOND,
    SECOND,
    a_user,
    actor_of,
    stored_escalation,
    stored_key,
    stored_rota,
    stored_server,
    stored_session,
    stored_silence,
    stored_team,
    stored_user,
)
from tests.contracts.threads import at_once, until_no_conflict

UNKNOWN = UserId(1_000_000)


class UsersContract:
    def test_a_language_is_known_or_not(self, new_uow):
        known, unknown = (
            stored_user(new_uow, name, locale=locale) for name, locale in (("li", "zh-CN"), ("mia", None))
        )
        with new_uow() as uow:
            assert ("zh-CN", None) == (uow.users.get(known.id).locale, uow.users.get(unknown.id).locale)
            uow.users.save(replace(known, locale=None))
            uow.users.save(replace(unknown, locale="zh-CN"))
            uow.commit()
        with new_uow() as uow:
            assert (None, "zh-CN") == (uow.users.get(known.id).locale, uow.users.get(unknown.id).locale)

    @pytest.mark.parametrize(("stored", "expected"), [(None, "zh-CN"), ("en", "en"), ("tlh", "zh-CN"), (3.0, "zh-CN")])
    def test_the_default_language_is_the_preference(self, new_uow, stored, expected):
        with new_uow() as uow:
            if stored is not None:
                uow.preferences.save({"default_locale": stored})
            assert expected == uow.users.default_locale()

    def test_an_added_user_is_read_back_equal(self, new_uow):
        """All fields are compared, also optional ones."""
        user = stored_user(
            new_uow,
            "Zoë",
            role=Role.ADMIN,
            password_hash="$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
            token_version=2**31 - 1,
            email="zoë@example.com",
            locale="en",
            alert_level=Level.CRITICAL,
            has_default_password=True,
            has_common_password=True,
            has_temporary_password=True,
        )
        with new_uow() as uow:
            assert user.id > 0
            assert uow.users.get(user.id) == user
            assert isinstance(uow.users.get(user.id).alert_level, Level)
            assert uow.users.by_username("Zoë") == user

    def test_quiet_hours_and_absences_come_back(self, new_uow, queries):
        away = (Span(AT, AT + SECOND), Span(AT + MICROSECOND, AT + timedelta(days=400)))
        night = QuietHours(time(22, 30), time(7), "Europe/Berlin", Level.WARNING)
        user = stored_user(new_uow, quiet=night, away=away)
        other = replace(user, quiet=replace(night, zone="Asia/Shanghai"), away=away[:1])
        for stored in (user, other, a_user(id=user.id)):
            with new_uow() as uow:
                uow.users.save(stored)
                uow.commit()
            with new_uow() as uow:
                assert uow.users.get(user.id) == stored
            assert dict(queries.fleet.snapshot().users) == {user.id: stored}

    def test_ids_differ(self, new_uow):
        assert stored_user(new_uow, "alice").id != stored_user(new_uow, "bob").id

    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_hostile_user_name_is_read_back_equal(self, new_uow, name):
        user = stored_user(new_uow, name[:50])
        with new_uow() as uow:
            assert uow.users.get(user.id).username == name[:50]
            assert uow.users.by_username(name[:50]) == user

    @pytest.mark.parametrize("other", ["ALICE", "Alice", "ａｌｉｃｅ", " alice "])
    def test_a_name_is_taken_in_every_spelling(self, new_uow, other):
        stored_user(new_uow, "alice")
        with new_uow() as uow, pytest.raises(UsernameTaken):
            uow.users.add(a_user(other))

    def test_a_name_is_taken_within_its_own_unit_of_work(self, new_uow):
        with new_uow() as uow:
            uow.users.add(a_user("alice"))
            with pytest.raises(UsernameTaken):
                uow.users.add(a_user("Alice"))

    @pytest.mark.parametrize("other", ["alicé", "alıce", "alice 2", "a'lice", "al_ce", "al%"])
    def test_a_different_name_is_free(self, new_uow, other):
        """A database must neither ignore accents nor interpret wildcards."""
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, other)
        with new_uow() as uow:
            assert uow.users.by_username("alice") == alice
            assert uow.users.by_username(other) == bob

    def test_the_longest_names_fit(self, new_uow):
        """Normalised, U+FDFA alone becomes 18 characters."""
        first, second = stored_user(new_uow, "\ufdfa" * 50), stored_user(new_uow, "\ufdfa" * 49 + "x")
        with new_uow() as uow:
            assert uow.users.by_username("\ufdfa" * 50) == first
            assert uow.users.by_username("\ufdfa" * 49 + "X") == second

    def test_a_name_is_free_again_after_deletion_and_the_id_is_not(self, new_uow):
        first = stored_user(new_uow, "alice")
        with new_uow() as uow:
            uow.users.delete(first.id)
            uow.commit()
        assert stored_user(new_uow, "alice").id > first.id

    def test_an_unknown_user_is_not_found(self, new_uow):
        with new_uow() as uow:
            assert uow.users.by_username("nobody") is None
            attempts: list[Callable[[], object]] = [
                lambda: uow.users.get(UNKNOWN),
                lambda: uow.users.save(a_user(id=UNKNOWN)),
                lambda: uow.users.delete(UNKNOWN),
            ]
            for attempt in attempts:
                with pytest.raises(NotFound):
                    attempt()

    @pytest.mark.parametrize("spelling", ["alice", "ALICE", "ａｌｉｃｅ"])
    def test_by_username_accepts_every_spelling(self, new_uow, spelling):
        user = stored_user(new_uow, "Alice")
        with new_uow() as uow:
            assert uow.users.by_username(spelling) == user

    def test_by_usernames_finds_those_that_exist_once(self, new_uow):
        alice, bob, _ = (stored_user(new_uow, name) for name in ("alice", "bob", "carol"))
        with new_uow() as uow:
            found = uow.users.by_usernames(["ALICE", "alice", "Bob", "dave"])
            assert sorted(found, key=lambda user: user.id) == [alice, bob]
            assert uow.users.by_usernames([]) == []

    def test_save_replaces_every_field(self, new_uow):
        user = stored_user(new_uow, "alice", email="a@example.com")
        changed = replace(
            user,
            password_hash="other",
            role=Role.ADMIN,
            token_version=9,
            email=None,
            locale="en",
            alert_level=Level.CRITICAL,
            has_default_password=True,
            has_common_password=True,
            has_temporary_password=True,
        )
        with new_uow() as uow:
            uow.users.save(changed)
            assert uow.users.get(user.id) == changed
            uow.commit()
        with new_uow() as uow:
            assert uow.users.get(user.id) == changed

    def test_a_given_up_name_is_free_and_a_new_name_must_be_free(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        with new_uow() as uow, pytest.raises(UsernameTaken):
            uow.users.save(replace(alice, username="BOB"))
        with new_uow() as uow:
            uow.users.save(replace(alice, username="ALICIA"))
            uow.commit()
        again = stored_user(new_uow, "alice")
        with new_uow() as uow:
            found = [uow.users.by_username(name) for name in ("alicia", "alice", "bob")]
            assert found == [replace(alice, username="ALICIA"), again, bob]

    def test_saving_an_unchanged_user_is_no_error(self, new_uow):
        user = stored_user(new_uow)
        with new_uow() as uow:
            uow.users.save(user)
            uow.commit()
        with new_uow() as uow:
            assert uow.users.get(user.id) == user

    def test_existing_and_counts(self, new_uow):
        with new_uow() as uow:
            assert (uow.users.count(), uow.users.count_admins()) == (0, 0)
        alice, root = stored_user(new_uow, "alice"), stored_user(new_uow, "root", role=Role.ADMIN)
        with new_uow() as uow:
            assert uow.users.existing([alice.id, root.id, UNKNOWN]) == {alice.id, root.id}
            assert uow.users.names([alice.id, root.id, UNKNOWN]) == {alice.id: "alice", root.id: "root"}
            assert uow.users.existing([]) == set()
            assert (uow.users.count(), uow.users.count_admins()) == (2, 1)

    def test_deletion_removes_links_and_sessions_and_nothing_else(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        server = stored_server(new_uow, user_ids=frozenset({alice.id, bob.id}))
        key = stored_key(new_uow, server_id=server.id, owner_id=alice.id)
        stored_session(new_uow, alice.id, "hers")
        kept = stored_session(new_uow, bob.id, "his")
        with new_uow() as uow:
            uow.users.delete(alice.id)
            uow.commit()
        with new_uow() as uow:
            assert uow.users.existing([alice.id, bob.id]) == {bob.id}
            assert uow.servers.get(server.id, changed_by=ADMIN) == replace(server, user_ids=frozenset({bob.id}))
            assert uow.api_keys.get(key.id, changed_by=ADMIN) == replace(key, owner_id=None)
        assert queries.users.session_owner(alice.id, SessionId("hers"), AT) is None
        assert queries.users.sessions(actor_of(bob), AT) == [kept]

    @pytest.mark.parametrize("with_keys", [True, False])
    def test_another_takes_over_what_a_user_has(self, new_uow, queries, with_keys):
        alice, bob, carol = (stored_user(new_uow, name) for name in ("alice", "bob", "carol"))
        both, hers = (frozenset({alice.id, bob.id}), frozenset({alice.id}))
        servers = [
            stored_server(new_uow, f"192.0.2.{n}", user_ids=people)
            for n, people in enumerate((both, hers, frozenset({carol.id})))
        ]
        teams = [stored_team(new_uow, name, user_ids=people) for name, people in (("a", both), ("b", hers))]
        override = Override(alice.id, AT, AT + SECOND)
        turns = stored_rota(new_uow, "turns", user_ids=(alice.id, bob.id, alice.id))
        once = stored_rota(new_uow, "once", user_ids=(carol.id,), overrides=(override,))
        people = [Target(TargetKind.USER, each.id) for each in (alice, bob, carol)]
        nights = stored_escalation(new_uow, "nights", *people)
        days = stored_escalation(new_uow, "days", people[0], Target(TargetKind.LINKED))
        silence, key = stored_silence(new_uow, created_by=alice.id), stored_key(new_uow, owner_id=alice.id)
        revision = queries.fleet.revision()
        with new_uow() as uow:
            counts = uow.users.hand_over(alice.id, bob.id, with_keys=with_keys)
            uow.users.delete(alice.id)
            uow.commit()
        expected = {"servers": 1, "teams": 1, "rotas": 2, "escalations": 2, "silences": 1, "api_keys": int(with_keys)}
        assert expected == counts
        theirs = frozenset({bob.id})
        with new_uow() as uow:
            found = uow.servers.get_many([each.id for each in servers], changed_by=ADMIN)
            assert [theirs, theirs, frozenset({carol.id})] == [each.user_ids for each in found]
            assert [theirs, theirs] == [uow.teams.get(each.id).user_ids for each in teams]
            assert (bob.id,) * 3 == uow.rotas.get(turns.id).user_ids
            assert (replace(override, user_id=bob.id),) == uow.rotas.get(once.id).overrides
            assert tuple(people[1:]) == uow.escalations.get(nights.id).steps[0].to
            assert (people[1], Target(TargetKind.LINKED)) == uow.escalations.get(days.id).steps[0].to
            assert bob.id == uow.silences.get(silence.id, visible_to=ADMIN).created_by
            assert (bob.id if with_keys else None) == uow.api_keys.get(key.id, changed_by=ADMIN).owner_id
        changed, now = queries.fleet.changes(revision, 100), queries.fleet.snapshot()
        assert changed.servers.keys() >= {servers[1].id}
        assert changed.teams.keys() >= {each.id for each in teams}
        assert (now.silences, now.roster) == (changed.silences, changed.roster)
        assert changed.api_keys[key.id].owner_id == (bob.id if with_keys else None)

    def test_two_parallel_changes_lose_nothing(self, new_uow):
        """get() locks: a second transaction waits or conflicts until the first ends."""
        user, rounds = stored_user(new_uow, token_version=1), 20

        def add_one() -> None:
            with new_uow() as uow:
                present = uow.users.get(user.id)
                uow.users.save(replace(present, token_version=present.token_version + 1))
                uow.commit()

        def work() -> None:
            for _ in range(rounds):
                until_no_conflict(add_one)

        at_once(work, work)
        with new_uow() as uow:
            assert uow.users.get(user.id).token_version == 1 + 2 * rounds

    def test_two_admins_who_delete_each_other_leave_one(self, new_uow):
        """count_admins() locks all administrators."""
        admins = [stored_user(new_uow, name, role=Role.ADMIN) for name in ("root", "toor")]

        def delete(user_id: UserId) -> None:
            with new_uow() as uow:
                if user_id in uow.users.existing([user_id]) and uow.users.count_admins() > 1:
                    uow.users.delete(user_id)
                    uow.commit()

        at_once(*(lambda user=user: until_no_conflict(lambda: delete(user.id)) for user in admins))
        with new_uow() as uow:
            assert uow.users.count_admins() == 1

    def test_one_of_two_parallel_users_of_one_name_is_stored(self, new_uow):
        outcomes: list[str] = []

        def add(name: str) -> None:
            try:
                with new_uow() as uow:
                    uow.users.add(a_user(name))
                    uow.commit()
                outcomes.append("stored")
            except UsernameTaken:
                outcomes.append("taken")

        at_once(*(lambda name=name: until_no_conflict(lambda: add(name)) for name in ("alice", "ALICE")))
        assert sorted(outcomes) == ["stored", "taken"]
