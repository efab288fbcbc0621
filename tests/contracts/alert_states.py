from collections.abc import Callable

import pytest

from monitor.application.alerts.ports import StoredState
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.alerts.engine import State
from monitor.domain.errors import TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.policies import PolicyId
from monitor.domain.times import microseconds
from tests.contracts.builders import (
    AT,
    NewUow,
    a_server,
    a_state,
    stored_alert,
    stored_policy,
    stored_server,
    stored_state,
)
from tests.contracts.threads import at_once, until_no_conflict

NOW = microseconds(AT)


def in_order(states: list[StoredState]) -> list[StoredState]:
    return sorted(states, key=lambda stored: (stored.server_id, stored.metric))


def seen(stored: StoredState, at: int) -> StoredState:
    return stored._replace(state=stored.state._replace(seen=at))


def committed(new_uow: NewUow, attempt: Callable[[UnitOfWork], object]) -> None:
    with new_uow() as uow:
        attempt(uow)
        uow.commit()


class AlertStatesContract:
    @pytest.mark.parametrize(
        "state",
        [
            State(),
            State(Level.OK, NOW, warning_since=NOW - 1),
            State(Level.WARNING, NOW, NOW - 7, None, NOW - 3, NOW - 2),
            State(Level.CRITICAL, 2**52 + 1, 1, 2, 3, 4),
            State(Level.CRITICAL, NOW, worst=72.7, worst_at=NOW - 5),
            State(Level.CRITICAL, NOW, worst=-1.7976931348623157e308, worst_at=2**52 + 1),
        ],
    )
    def test_a_saved_state_is_read_back_equal(self, new_uow, state):
        """To the microsecond, and with nothing where there is nothing."""
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        alert = stored_alert(new_uow, server.id)
        stored = stored_state(new_uow, server.id, policy.id, metric="m" * 64, state=state, alert_id=alert.id)
        expected = a_state(
            server.id, policy.id, metric="m" * 64, state=state, alert_id=alert.id, version=stored.version
        )
        assert stored == expected
        assert stored.version > 0
        with new_uow() as uow:
            (found,) = uow.alert_states.all()
            assert found == stored
            assert isinstance(found.state, State)
            assert isinstance(found.state.level, Level)

    def test_of_servers_returns_theirs_and_all_returns_all(self, new_uow):
        policy = stored_policy(new_uow)
        servers = [stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2, 3)]
        states = [stored_state(new_uow, s.id, policy.id, metric=m) for s in servers for m in ("cpu", "memory")]
        with new_uow() as uow:
            assert in_order(uow.alert_states.all()) == states
            assert uow.alert_states.fingerprint() == (6, sum(s.version for s in states))
            wanted = [servers[2].id, servers[0].id, servers[0].id, ServerId(1_000_000)]
            assert in_order(uow.alert_states.of_servers(wanted)) == [*states[:2], *states[4:]]
            assert uow.alert_states.of_servers([]) == []
            assert in_order(uow.alert_states.of_policy(policy.id)) == states
            assert len(uow.alert_states.of_policy(policy.id, 2)) == 2
            assert uow.alert_states.of_policy(PolicyId(policy.id + 1)) == []

    def test_an_empty_store_has_none(self, new_uow):
        with new_uow() as uow:
            assert uow.alert_states.all() == []
            assert uow.alert_states.fingerprint() == (0, 0)
            assert uow.alert_states.save([]) == []
            uow.alert_states.delete([])

    def test_save_replaces_and_counts(self, new_uow):
        server, policy, other = stored_server(new_uow), stored_policy(new_uow), stored_policy(new_uow, metric="memory")
        alert = stored_alert(new_uow, server.id)
        first = stored_state(new_uow, server.id, policy.id)
        changed = first._replace(policy_id=other.id, state=State(Level.WARNING, NOW + 1), alert_id=alert.id)
        with new_uow() as uow:
            (second,) = uow.alert_states.save([changed])
            assert uow.alert_states.all() == [second]
            (third,) = uow.alert_states.save([second._replace(alert_id=None)])
            uow.commit()
        assert second == changed._replace(version=second.version)
        assert first.version < second.version < third.version
        with new_uow() as uow:
            assert uow.alert_states.all() == [third]

    def test_new_and_old_go_in_together_and_come_back_in_order(self, new_uow):
        policy = stored_policy(new_uow)
        servers = [stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2, 3)]
        old = stored_state(new_uow, servers[1].id, policy.id)
        asked = [a_state(servers[2].id, policy.id), seen(old, NOW + 5), a_state(servers[0].id, policy.id)]
        with new_uow() as uow:
            states = uow.alert_states.save(asked)
            uow.commit()
        assert states == [a._replace(version=s.version) for a, s in zip(asked, states, strict=True)]
        with new_uow() as uow:
            assert in_order(uow.alert_states.all()) == in_order(states)

    def test_some_are_saved_as_others_end(self, new_uow):
        policy = stored_policy(new_uow)
        servers = [stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2, 3)]
        first, second = [stored_state(new_uow, server.id, policy.id) for server in servers[:2]]
        new = a_state(servers[2].id, policy.id)
        stale = first._replace(version=first.version + 7)
        late = [lambda uow: uow.alert_states.save([new, seen(second, NOW + 5)], ended=[stale])]
        self._assert_conflicts(new_uow, late, [first, second])
        with new_uow() as uow:
            states = uow.alert_states.save([new, seen(second, NOW + 5)], ended=[first])
            assert in_order(uow.alert_states.all()) == in_order(states)
            uow.commit()
        with new_uow() as uow:
            assert in_order(uow.alert_states.all()) == in_order(states)

    def test_saving_an_unchanged_state_is_no_error(self, new_uow):
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        stored = stored_state(new_uow, server.id, policy.id)
        with new_uow() as uow:
            (again,) = uow.alert_states.save([stored])
            uow.commit()
        with new_uow() as uow:
            assert uow.alert_states.all() == [again]

    def test_delete_removes_them(self, new_uow):
        policy = stored_policy(new_uow)
        servers = [stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2, 3)]
        states = [stored_state(new_uow, server.id, policy.id) for server in servers]
        with new_uow() as uow:
            uow.alert_states.delete(states[:2])
            assert uow.alert_states.all() == states[2:]
            uow.commit()
        with new_uow() as uow:
            assert uow.alert_states.all() == states[2:]

    def test_a_deleted_state_may_be_added_again(self, new_uow):
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        stored = stored_state(new_uow, server.id, policy.id)
        with new_uow() as uow:
            uow.alert_states.delete([stored])
            (again,) = uow.alert_states.save([a_state(server.id, policy.id)])
            uow.commit()
        with new_uow() as uow:
            assert uow.alert_states.all() == [again]

    def test_a_state_added_again_is_a_new_one(self, new_uow):
        """A process that remembers a deleted row may not change the row that replaced it."""
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        remembered = stored_state(new_uow, server.id, policy.id)
        with new_uow() as uow:
            uow.alert_states.delete([remembered])
            uow.commit()
        again = stored_state(new_uow, server.id, policy.id)
        late = [
            lambda uow: uow.alert_states.save([seen(remembered, NOW + 1)]),
            lambda uow: uow.alert_states.delete([remembered]),
        ]
        self._assert_conflicts(new_uow, late, [again])

    def test_the_second_of_two_writers_conflicts(self, new_uow):
        """Saving or deleting what another has saved or deleted, or adding what another added."""
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        new = a_state(server.id, policy.id)
        old = stored_state(new_uow, server.id, policy.id)
        with new_uow() as uow:
            (present,) = uow.alert_states.save([seen(old, NOW + 1)])
            uow.commit()
        late = [
            lambda uow: uow.alert_states.save([new]),
            lambda uow: uow.alert_states.save([seen(old, NOW + 2)]),
            lambda uow: uow.alert_states.save([present._replace(version=present.version + 1)]),
            lambda uow: uow.alert_states.delete([old]),
        ]
        self._assert_conflicts(new_uow, late, [present])
        with new_uow() as uow:
            uow.alert_states.delete([present])
            uow.commit()
        gone = [
            lambda uow: uow.alert_states.save([seen(present, NOW + 2)]),
            lambda uow: uow.alert_states.delete([present]),
        ]
        self._assert_conflicts(new_uow, gone, [])

    def test_one_conflict_fails_the_whole_call(self, new_uow):
        policy = stored_policy(new_uow)
        servers = [stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2, 3)]
        states = [stored_state(new_uow, server.id, policy.id) for server in servers[:2]]
        stale = states[1]._replace(version=states[1].version + 7)
        late = [
            lambda uow: uow.alert_states.save([a_state(servers[2].id, policy.id), seen(states[0], NOW + 1), stale]),
            lambda uow: uow.alert_states.save([a_state(servers[2].id, policy.id), a_state(servers[0].id, policy.id)]),
            lambda uow: uow.alert_states.delete([states[0], stale]),
        ]
        self._assert_conflicts(new_uow, late, states)

    def test_many_are_saved_found_and_deleted_at_once(self, new_uow):
        """More than any limit on the variables of a statement."""
        policy = stored_policy(new_uow)
        with new_uow() as uow:
            ids = [uow.servers.add(a_server(f"10.0.{n // 250}.{n % 250 + 1}")).id for n in range(1_200)]
            states = uow.alert_states.save([a_state(server_id, policy.id) for server_id in ids])
            states = uow.alert_states.save([seen(stored, NOW + stored.server_id) for stored in states])
            uow.commit()
        with new_uow() as uow:
            assert in_order(uow.alert_states.of_servers(ids)) == states
            uow.alert_states.delete(states)
            assert uow.alert_states.all() == []

    def test_one_of_many_simultaneous_equal_states_is_stored(self, new_uow):
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        outcomes: list[str] = []

        def add() -> None:
            try:
                stored_state(new_uow, server.id, policy.id)
                outcomes.append("stored")
            except TransactionConflict:
                outcomes.append("conflict")

        at_once(*[add] * 4)
        assert sorted(outcomes) == ["conflict"] * 3 + ["stored"]

    def test_two_simultaneous_changes_of_a_state_lose_nothing(self, new_uow):
        """A writer that read an older state conflicts, and tries again."""
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        stored_state(new_uow, server.id, policy.id, state=State(seen=0, warning_since=0))
        rounds = 8

        def add_one() -> None:
            with new_uow() as uow:
                (stored,) = uow.alert_states.of_servers([server.id])
                uow.alert_states.save([seen(stored, (stored.state.seen or 0) + 1)])
                uow.commit()

        def work() -> None:
            for _ in range(rounds):
                until_no_conflict(add_one)

        at_once(work, work)
        with new_uow() as uow:
            assert [stored.state.seen for stored in uow.alert_states.all()] == [2 * rounds]

    @staticmethod
    def _assert_conflicts(new_uow: NewUow, attempts, expected) -> None:
        for attempt in attempts:
            with pytest.raises(TransactionConflict):
                committed(new_uow, attempt)
            with new_uow() as uow:
                assert in_order(uow.alert_states.all()) == expected
