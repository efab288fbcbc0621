from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.accounts.sessions import token_digest
from tests.contracts.builders import AT, HOSTILE, SECOND, a_session, actor_of, stored_session, stored_user
from tests.contracts.threads import at_once, until_no_conflict


class SessionsContract:
    def test_an_added_session_is_read_back_equal(self, new_uow):
        user = stored_user(new_uow)
        session = a_session(
            user.id,
            name="s" * 43,
            previous_digest=token_digest("before"),
            user_agent="Mozilla/5.0 (X11; Linux x86_64)",
            address="2001:db8::1",
        )
        with new_uow() as uow:
            uow.sessions.add(session)
            uow.commit()
        with new_uow() as uow:
            assert uow.sessions.get(session.id) == session

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_hostile_user_agent_is_read_back_equal(self, new_uow, text):
        user = stored_user(new_uow)
        stored_session(new_uow, user.id, "s", user_agent=text + "\x01\x7f", address=text)
        with new_uow() as uow:
            found = uow.sessions.get(SessionId("s"))
            assert (found.user_agent, found.address) == (text + "\x01\x7f", text)

    def test_a_rotation_keeps_the_session_and_its_last_two_tokens(self, new_uow):
        user = stored_user(new_uow)
        first = stored_session(new_uow, user.id, "first")
        stored_session(new_uow, user.id, "other")
        for name in ("second", "third"):
            with new_uow() as uow:
                uow.sessions.save(uow.sessions.get(first.id).rotated(token_digest(name), AT))
                uow.commit()
        with new_uow() as uow:
            present = uow.sessions.get(first.id)
            assert (present.token_digest, present.previous_digest) == (token_digest("third"), token_digest("second"))
            assert uow.sessions.get(SessionId("FIRST")) is None
            assert uow.sessions.get(SessionId("unknown")) is None
            assert uow.sessions.get(SessionId("x" * 5000)) is None

    def test_the_latest_sessions_of_a_user_are_kept(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        for user, name, used in [(alice, "b", 2), (alice, "d", 4), (alice, "a", 1), (alice, "c", 3), (bob, "his", 0)]:
            stored_session(new_uow, user.id, name, last_used_at=AT + used * SECOND)
        with new_uow() as uow:
            uow.sessions.keep_latest(alice.id, 5)
            uow.sessions.keep_latest(alice.id, 2)
            uow.commit()
        assert [s.id for s in queries.users.sessions(actor_of(alice), AT)] == ["d", "c"]
        assert [s.id for s in queries.users.sessions(actor_of(bob), AT)] == ["his"]

    def test_get_finds_an_expired_session_too(self, new_uow):
        user = stored_user(new_uow)
        session = stored_session(new_uow, user.id, expires_at=AT - timedelta(days=1))
        with new_uow() as uow:
            assert uow.sessions.get(session.id) == session

    def test_digests_are_bytes_and_read_as_such(self, new_uow):
        """They may be no text, end in zeros or spaces, or differ only in case."""
        user = stored_user(new_uow)
        digests = [bytes([byte]) * 31 + end for byte in (0, 0x20, 0x41, 0x61, 0xFF) for end in (b"\0", b" ")]
        for n, digest in enumerate(digests):
            stored_session(new_uow, user.id, f"session {n}", token_digest=digest)
        with new_uow() as uow:
            found = [uow.sessions.get(SessionId(f"session {n}")).token_digest for n in range(len(digests))]
            assert found == digests

    def test_saving_an_ended_session_does_not_bring_it_back(self, new_uow, queries):
        user = stored_user(new_uow)
        session = stored_session(new_uow, user.id)
        with new_uow() as uow:
            uow.sessions.delete(session.id, user_id=user.id)
            uow.commit()
        with new_uow() as uow:
            uow.sessions.save(session.rotated(token_digest("new"), AT))
            uow.commit()
        with new_uow() as uow:
            assert uow.sessions.get(session.id) is None
        assert queries.users.session_owner(user.id, session.id, AT) is None

    def test_delete_returns_whether_the_user_had_it(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        session = stored_session(new_uow, alice.id)
        with new_uow() as uow:
            assert uow.sessions.delete(session.id, user_id=bob.id) is False
            assert uow.sessions.delete(SessionId("unknown"), user_id=alice.id) is False
            assert uow.sessions.get(session.id) == session
            assert uow.sessions.delete(session.id, user_id=alice.id) is True
            assert uow.sessions.delete(session.id, user_id=alice.id) is False

    def test_delete_all_is_of_one_user(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        hers = [stored_session(new_uow, alice.id, name) for name in ("one", "two")]
        his = stored_session(new_uow, bob.id, "his")
        with new_uow() as uow:
            uow.sessions.delete_all(alice.id)
            uow.sessions.delete_all(UserId(1_000_000))
            uow.commit()
        with new_uow() as uow:
            assert [uow.sessions.get(session.id) for session in (*hers, his)] == [None, None, his]

    def test_delete_expired_keeps_open_sessions(self, new_uow):
        user = stored_user(new_uow)
        ends = {"past": AT - SECOND, "now": AT, "later": AT + SECOND}
        for name, end in ends.items():
            stored_session(new_uow, user.id, name, expires_at=end)
        with new_uow() as uow:
            uow.sessions.delete_expired(AT)
            uow.commit()
        with new_uow() as uow:
            assert [name for name in ends if uow.sessions.get(SessionId(name))] == ["later"]

    def test_the_second_of_two_simultaneous_renewals_sees_the_first(self, new_uow, queries):
        """get() locks, so that one token is exchanged for one new token."""
        user = stored_user(new_uow)
        session = stored_session(new_uow, user.id)
        seen: list[bytes] = []

        def renew(name: str) -> None:
            with new_uow() as uow:
                present = uow.sessions.get(session.id)
                if present.token_digest == session.token_digest:
                    uow.sessions.save(present.rotated(token_digest(name), AT + SECOND))
                    uow.commit()
                    seen.append(token_digest(name))

        at_once(*(lambda name=name: until_no_conflict(lambda: renew(name)) for name in ("a", "b")))
        (present,) = queries.users.sessions(actor_of(user), AT)
        assert seen == [present.token_digest]
        assert present == replace(session.rotated(seen[0], AT + SECOND))
