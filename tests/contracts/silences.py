from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import MAX_REASON, SilenceId
from monitor.domain.recurrence import Recurrence
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    MICROSECOND,
    NOBODY,
    a_silence,
    actor_of,
    stored_server,
    stored_silence,
    stored_user,
)

UNKNOWN = SilenceId(1_000_000)


class SilencesContract:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_an_added_silence_is_read_back_equal(self, new_uow, text):
        user, server = stored_user(new_uow), stored_server(new_uow)
        silence = stored_silence(
            new_uow,
            scope=Scope(server_id=server.id),
            starts_at=AT + MICROSECOND,
            ends_at=AT + timedelta(days=400, microseconds=123456),
            reason=(text * 50)[:MAX_REASON],
            created_at=AT - MICROSECOND,
            metric="m" * 64,
            created_by=user.id,
        )
        assert silence.id > 0
        with new_uow() as uow:
            assert uow.silences.get(silence.id, visible_to=ADMIN) == silence
            assert uow.silences.all() == [silence]

    @pytest.mark.parametrize(
        "recurrence",
        [
            Recurrence(weekdays=frozenset({0}), starts=time(0), lasts=timedelta(minutes=1)),
            Recurrence(weekdays=frozenset(range(7)), starts=time(23, 59, 59), lasts=timedelta(days=1), zone="UTC"),
            Recurrence(
                weekdays=frozenset({6, 5}),
                starts=time(22, 30),
                lasts=timedelta(hours=8),
                zone="America/Argentina/ComodRivadavia",
            ),
        ],
    )
    def test_a_recurring_one_is_read_back_equal(self, new_uow, recurrence):
        silence = stored_silence(new_uow, scope=Scope(tag="web"), recurrence=recurrence, reason="")
        with new_uow() as uow:
            assert uow.silences.get(silence.id, visible_to=ADMIN) == silence

    def test_all_are_in_id_order(self, new_uow):
        with new_uow() as uow:
            assert uow.silences.all() == []
        silences = [stored_silence(new_uow, reason=str(n)) for n in range(5)]
        with new_uow() as uow:
            assert uow.silences.all() == silences
            another = uow.silences.add(a_silence())
            assert uow.silences.all() == [*silences, another]

    def test_one_of_a_server_that_is_gone_violates_a_constraint(self, new_uow):
        with pytest.raises(ConstraintViolated):
            stored_silence(new_uow, scope=Scope(server_id=ServerId(1_000_000)))

    def test_get_shows_a_user_the_silences_of_linked_servers(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}), tags=frozenset({"web", "a_b"}))
        other = stored_server(new_uow, "192.0.2.2", tags=frozenset({"web", "db", "Web", "acb"}))
        reaching = [
            stored_silence(new_uow, scope=scope)
            for scope in (Scope(), Scope(tag="web"), Scope(tag="a_b"), Scope(server_id=hers.id))
        ]
        elsewhere = [
            # Made by her, which is no reason: a silence belongs to what it names.
            stored_silence(new_uow, scope=scope, created_by=alice.id)
            for scope in (
                Scope(tag="db"),
                Scope(tag="Web"),
                Scope(tag="acb"),
                Scope(tag="nowhere"),
                Scope(server_id=other.id),
            )
        ]
        with new_uow() as uow:
            for silence in reaching:
                assert uow.silences.get(silence.id, visible_to=actor_of(alice)) == silence
            for silence in reaching + elsewhere:
                assert uow.silences.get(silence.id, visible_to=ADMIN) == silence
            hidden = [(actor_of(alice), silence) for silence in elsewhere]
            # Who has no server is reached by none, not even by one on everything.
            hidden += [(actor, silence) for actor in (actor_of(bob), NOBODY) for silence in reaching]
            for actor, silence in hidden:
                with pytest.raises(NotFound):
                    uow.silences.get(silence.id, visible_to=actor)
            with pytest.raises(NotFound):
                uow.silences.get(UNKNOWN, visible_to=ADMIN)

    def test_delete_removes_one_and_ignores_an_unknown_one(self, new_uow):
        silence, kept = stored_silence(new_uow), stored_silence(new_uow)
        with new_uow() as uow:
            uow.silences.delete(silence.id)
            uow.silences.delete(UNKNOWN)
            uow.commit()
        with new_uow() as uow:
            assert uow.silences.all() == [kept]

    def test_end_changes_the_end_alone_and_refuses_an_unknown_one(self, new_uow):
        nightly = Recurrence(weekdays=frozenset({0}), starts=time(22), lasts=timedelta(hours=2), zone="Asia/Shanghai")
        silence = stored_silence(new_uow, scope=Scope(tag="web"), metric="cpu", recurrence=nightly)
        kept, at = stored_silence(new_uow), silence.starts_at + MICROSECOND
        with new_uow() as uow:
            uow.silences.end(silence.id, at)
            with pytest.raises(NotFound):
                uow.silences.end(UNKNOWN, at)
            uow.commit()
        with new_uow() as uow:
            assert uow.silences.all() == [replace(silence, ends_at=at), kept]

    def test_delete_before_keeps_what_ended_then_or_later(self, new_uow):
        kept = stored_silence(new_uow)
        stored_silence(new_uow, ends_at=kept.ends_at - MICROSECOND)
        with new_uow() as uow:
            uow.silences.delete_before(kept.ends_at)
            uow.commit()
        with new_uow() as uow:
            assert uow.silences.all() == [kept]
