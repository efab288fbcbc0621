from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.ports import ServerFilter
from monitor.application.history.ports import SampleFilter
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import Role, SessionId, UserId
from monitor.domain.accounts.errors import UsernameTaken
from monitor.domain.accounts.limits import GuessKind
from monitor.domain.accounts.sessions import token_digest
from monitor.domain.accounts.users import User
from monitor.domain.errors import ConstraintViolated, NotFound, PolicyExists, TransactionConflict
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.notifications.outbox import LEASE, Target
from monitor.domain.policies.policies import Scope
from tests.contracts.builders import (
    ADMIN,
    AT,
    SECOND,
    NewUow,
    a_channel,
    a_guess,
    a_host,
    a_key,
    a_notification,
    a_policy,
    a_sample,
    a_server,
    a_session,
    a_silence,
    a_state,
    a_team,
    a_timeline_entry,
    a_user,
    actor_of,
    an_alert,
    an_entry,
    raw_samples,
    some_claims,
    store_samples,
    stored_key,
    stored_server,
    stored_session,
    stored_user,
)
from tests.contracts.threads import at_once, until_no_conflict

TICKET = token_digest("ticket")


class Interrupted(Exception):
    """Any error in the middle of a transaction."""


def change_everything(uow: UnitOfWork) -> None:
    """Write something with every repository."""
    user = uow.users.add(a_user("new", role=Role.ADMIN))
    server = uow.servers.add(a_server("192.0.2.200", tags=frozenset({"new"}), user_ids=frozenset({user.id})))
    uow.servers.mark_online([server.id])
    uow.api_keys.add(a_key("new", server_id=server.id, owner_id=user.id))
    uow.samples.add([a_sample(server.id)])
    uow.sessions.add(a_session(user.id, "new"))
    uow.live_tickets.add(TICKET, some_claims(user_id=user.id), AT + SECOND)
    uow.login_attempts.add(a_guess("new", "192.0.2.200"), AT)
    uow.leases.acquire("new", "holder", AT, timedelta(days=1))
    uow.unregistered_hosts.record([a_host()])
    uow.audit.add(an_entry("new"))
    uow.teams.add(a_team("new", oidc_group="new", user_ids=frozenset({user.id}), server_ids=frozenset({server.id})))
    change_alerts(uow, user, server)


def change_alerts(uow: UnitOfWork, user: User, server: Server) -> None:
    policy = uow.alert_policies.add(a_policy(scope=Scope(tag="new")))
    alert = uow.alerts.add(an_alert(server.id, policy_id=policy.id))
    (entry,) = uow.alerts.add_to_timeline([a_timeline_entry(alert)])
    uow.alert_states.save([a_state(server.id, policy.id, alert_id=alert.id)])
    channel = uow.channels.add(a_channel("new"))
    targets = [Target(user_id=user.id), Target(channel_id=channel.id)]
    uow.notifications.add([a_notification(entry, target) for target in targets])
    uow.silences.add(a_silence(reason="new"))
    uow.preferences.save({"new": 1.0})


def interrupt(uow: UnitOfWork) -> None:
    raise Interrupted


def fail_half_way(new_uow: NewUow, fail: Callable[[UnitOfWork], object] = interrupt) -> None:
    with new_uow() as uow:
        change_everything(uow)
        fail(uow)
        uow.commit()


def assert_nothing_is_stored(new_uow: NewUow, queries) -> None:
    assert queries.users.all(ADMIN) == []
    assert queries.servers.find(ADMIN, ServerFilter()) == []
    assert queries.api_keys.all(ADMIN) == []
    assert queries.samples.newest(ADMIN, SampleFilter()) == []
    assert queries.servers.unregistered(ADMIN) == []
    assert queries.audit.newest(ADMIN, limit=10) == []
    assert queries.alerts.newest(ADMIN, AlertFilter()) == []
    assert queries.notifications.newest(ADMIN, NotificationFilter()) == []
    with new_uow() as uow:
        assert uow.users.by_username("new") is None
        assert uow.sessions.get(SessionId("new")) is None
        assert uow.live_tickets.take(TICKET, AT) is None
        assert uow.login_attempts.of_account(GuessKind.LOGIN, "new", AT) == []
        assert uow.leases.acquire("new", "another", AT, SECOND) is not None
        assert uow.alert_policies.all() == []
        assert uow.alert_states.all() == []
        assert uow.alerts.open() == []
        assert uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9) == []
        assert uow.silences.all() == []
        assert uow.channels.all() == []
        assert uow.preferences.all() == {}
        assert uow.teams.with_group() == []


class UnitOfWorkContract:
    def test_committed_changes_stay(self, new_uow, queries):
        with new_uow() as uow:
            change_everything(uow)
            uow.commit()
        (user,) = queries.users.all(ADMIN)
        (server,) = queries.servers.find(ADMIN, ServerFilter())
        assert (server.tags, server.user_ids, server.status) == ({"new"}, {user.id}, Status.ONLINE)
        assert [key.owner_id for key in queries.api_keys.all(ADMIN)] == [user.id]
        assert [row.sample for row in queries.samples.newest(ADMIN, SampleFilter())] == [a_sample(server.id)]
        assert queries.users.sessions(actor_of(user), AT) == [a_session(user.id, "new")]
        assert queries.servers.unregistered(ADMIN) == [a_host()]
        assert [entry.target for entry in queries.audit.newest(ADMIN, limit=9)] == ["new"]
        ((alert, timeline),) = [
            queries.alerts.get(ADMIN, shown.alert.id) for shown in queries.alerts.newest(ADMIN, AlertFilter())
        ]
        assert (alert.server_name, [entry.alert_id for entry in timeline]) == (server.name, [alert.alert.id])
        assert len(queries.notifications.newest(ADMIN, NotificationFilter())) == 2
        with new_uow() as uow:
            assert 1 == len(uow.alert_policies.all())
            assert uow.alerts.open(server_ids=[server.id]) == [alert.alert]
            assert [stored.alert_id for stored in uow.alert_states.all()] == [alert.alert.id]
            assert uow.notifications.notified_targets([alert.alert.id])[alert.alert.id].keys() == {
                Target(user_id=user.id),
                Target(channel_id=uow.channels.all()[0].id),
            }
            assert [silence.reason for silence in uow.silences.all()] == ["new"]
            assert uow.preferences.all() == {"new": 1.0}
            assert [team.user_ids for team in uow.teams.with_group()] == [{user.id}]
            assert uow.live_tickets.take(TICKET, AT) == some_claims(user_id=user.id)
            assert uow.login_attempts.of_source(GuessKind.LOGIN, "192.0.2.200", AT) == [AT]
            assert uow.leases.acquire("new", "another", AT, SECOND) is None

    def test_uncommitted_changes_are_lost(self, new_uow, queries):
        with new_uow() as uow:
            change_everything(uow)
        assert_nothing_is_stored(new_uow, queries)

    def test_an_error_rolls_everything_back(self, new_uow, queries):
        with pytest.raises(Interrupted):
            fail_half_way(new_uow)
        assert_nothing_is_stored(new_uow, queries)

    @pytest.mark.parametrize(
        ("error", "violate"),
        [
            (ConstraintViolated, lambda uow: uow.samples.add([a_sample(ServerId(1_000_000))])),
            (UsernameTaken, lambda uow: uow.users.add(a_user("NEW"))),
            (AddressTaken, lambda uow: uow.servers.add(a_server("192.0.2.200"))),
            (NotFound, lambda uow: uow.users.delete(UserId(1_000_000))),
            (PolicyExists, lambda uow: uow.alert_policies.add(a_policy(scope=Scope(tag="new")))),
            (NotFound, lambda uow: uow.channels.delete(ChannelId(1_000_000))),
            (TransactionConflict, lambda uow: uow.alert_states.delete([uow.alert_states.all()[0]._replace(version=7)])),
        ],
    )
    def test_a_refusal_rolls_back_earlier_changes(self, new_uow, queries, error, violate):
        with pytest.raises(error):
            fail_half_way(new_uow, violate)
        assert_nothing_is_stored(new_uow, queries)

    def test_changes_and_deletions_are_undone_too(self, new_uow, queries):
        user = stored_user(new_uow, email="a@example.com")
        server = stored_server(new_uow, tags=frozenset({"a"}), user_ids=frozenset({user.id}))
        key = stored_key(new_uow, server_id=server.id, owner_id=user.id)
        session = stored_session(new_uow, user.id)
        store_samples(new_uow, a_sample(server.id))
        with new_uow() as uow:
            attempt = uow.login_attempts.add(a_guess("alice", "a"), AT)
            uow.unregistered_hosts.record([a_host()])
            uow.commit()
        with new_uow() as uow:
            uow.users.save(replace(user, email=None))
            uow.sessions.save(session.rotated(token_digest("new"), AT))
            uow.servers.save(replace(server, name="other", tags=frozenset(), user_ids=frozenset()))
            uow.servers.mark_online([server.id])
            uow.servers.save_intervals({server.id: 99.0})
            uow.api_keys.save_last_used({key.id: AT})
            uow.login_attempts.forgive(attempt)
            uow.unregistered_hosts.record([a_host(reports=7)])
            uow.samples.add([a_sample(server.id, AT - SECOND), a_sample(server.id, AT + SECOND)])
        with new_uow() as uow:
            uow.unregistered_hosts.delete(a_host().ip_address)
            uow.sessions.delete_all(user.id)
            uow.api_keys.delete(key.id)
            uow.servers.delete([server.id])
            uow.users.delete(user.id)
            uow.login_attempts.delete_before(AT + SECOND)
        assert queries.users.all(ADMIN) == [user]
        assert queries.servers.find(ADMIN, ServerFilter()) == [server]
        assert queries.api_keys.all(ADMIN) == [key]
        assert queries.users.sessions(actor_of(user), AT) == [session]
        assert raw_samples(queries, server.id) == [a_sample(server.id)]
        assert queries.servers.unregistered(ADMIN) == [a_host()]
        with new_uow() as uow:
            assert uow.login_attempts.of_account(GuessKind.LOGIN, "alice", AT) == [AT]

    def test_only_the_unit_of_work_itself_sees_its_changes(self, new_uow, queries):
        with new_uow() as uow:
            user = uow.users.add(a_user())
            server = uow.servers.add(a_server(user_ids=frozenset({user.id})))
            uow.samples.add([a_sample(server.id)])
            assert uow.users.get(user.id) == user
            assert uow.servers.get(server.id, changed_by=actor_of(user)) == server
            assert uow.samples.existing([(server.id, AT)]) == {(server.id, AT)}
            assert queries.users.options() == []
            assert queries.servers.find(ADMIN, ServerFilter()) == []
            assert queries.samples.latest() == []
            uow.commit()
        assert queries.users.options() == [(user.id, user.username)]

    def test_an_added_row_can_be_deleted_before_the_commit(self, new_uow, queries):
        with new_uow() as uow:
            user = uow.users.add(a_user())
            server = uow.servers.add(a_server(user_ids=frozenset({user.id})))
            uow.samples.add([a_sample(server.id)])
            uow.api_keys.add(a_key(server_id=server.id))
            uow.servers.delete([server.id])
            uow.users.delete(user.id)
            again = uow.servers.add(a_server(server.ip_address))
            uow.commit()
        assert queries.servers.find(ADMIN, ServerFilter()) == [again]
        assert queries.samples.latest() == []
        assert queries.api_keys.all(ADMIN) == []

    def test_threads_each_have_their_own(self, new_uow, queries):
        """Many at the same time: no change is lost, and ids are unique."""

        def add(worker: int) -> None:
            for n in range(5):

                def transaction(address: str = f"10.0.{worker}.{n + 1}") -> None:
                    with new_uow() as uow:
                        server = uow.servers.add(a_server(address))
                        uow.samples.add([a_sample(server.id)])
                        uow.commit()

                until_no_conflict(transaction)

        at_once(*(lambda worker=worker: add(worker) for worker in range(4)))
        servers = queries.servers.find(ADMIN, ServerFilter())
        assert len({server.id for server in servers}) == len({server.ip_address for server in servers}) == 20
        assert {sample.server_id for sample in queries.samples.latest()} == {server.id for server in servers}
