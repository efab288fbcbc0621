from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from monitor.application.fleet.directory import Directory
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.sessions import token_digest
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import TeamAccess
from monitor.domain.notifications.outbox import LEASE, Target
from monitor.domain.oncall.escalations import Target as StepTarget
from monitor.domain.oncall.escalations import TargetKind
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import SilenceId
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
    a_way,
    an_alert,
    an_entry,
    some_claims,
    stored_channel,
    stored_escalation,
    stored_key,
    stored_policy,
    stored_rota,
    stored_server,
    stored_silence,
    stored_team,
    stored_user,
)
from tests.contracts.unit_of_work import TICKET, Interrupted, change_everything, fail_half_way


class FleetRevisionContract:
    """The revision, from which each process sees that its fleet in memory is out of date."""

    def test_a_snapshot_holds_the_fleet_at_its_revision(self, new_uow, queries):
        user, root = stored_user(new_uow, "alice"), stored_user(new_uow, "root", role=Role.ADMIN)
        servers = [stored_server(new_uow, f"192.0.2.{n}", user_ids=frozenset({user.id})) for n in (1, 2)]
        keys = [stored_key(new_uow, "one", server_id=servers[0].id), stored_key(new_uow, "fleet", owner_id=root.id)]
        snapshot = queries.fleet.snapshot()
        assert snapshot.revision == queries.fleet.revision()
        assert sorted(snapshot.servers, key=lambda server: server.id) == servers
        assert sorted(snapshot.api_keys, key=lambda key: key.id) == keys
        assert dict(snapshot.users) == {user.id: user, root.id: root}

    def test_an_empty_store_has_an_empty_snapshot(self, queries):
        snapshot = queries.fleet.snapshot()
        assert (list(snapshot.servers), list(snapshot.api_keys), dict(snapshot.users)) == ([], [], {})
        assert (list(snapshot.policies), list(snapshot.silences), list(snapshot.channels)) == ([], [], [])
        assert dict(snapshot.preferences) == {}

    def test_a_snapshot_holds_what_people_set(self, new_uow, queries):
        """Policies, silences and channels in id order, whole."""
        stored_server(new_uow)
        policies = [stored_policy(new_uow, scope=scope) for scope in (Scope(tag="b"), Scope(), Scope(tag="a"))]
        silences = [stored_silence(new_uow, reason=reason) for reason in ("b", "a")]
        channels = [stored_channel(new_uow, name, enabled=False) for name in ("b", "a")]
        with new_uow() as uow:
            uow.preferences.save({"digest_wait": 20.0, "reminder_after": 3600.0})
            uow.commit()
        snapshot = queries.fleet.snapshot()
        assert list(snapshot.policies) == policies
        assert list(snapshot.silences) == silences
        assert list(snapshot.channels) == channels
        assert dict(snapshot.preferences) == {"digest_wait": 20.0, "reminder_after": 3600.0}

    @pytest.mark.parametrize(
        "change",
        [
            lambda uow, user, server, key: uow.users.add(a_user("new")),
            lambda uow, user, server, key: uow.users.save(replace(user, role=Role.ADMIN)),
            lambda uow, user, server, key: uow.users.delete(user.id),
            lambda uow, user, server, key: uow.servers.add(a_server("192.0.2.200")),
            lambda uow, user, server, key: uow.servers.save(replace(server, name="new")),
            lambda uow, user, server, key: uow.servers.save(replace(server, tags=frozenset({"new"}))),
            lambda uow, user, server, key: uow.servers.save(replace(server, user_ids=frozenset())),
            lambda uow, user, server, key: uow.servers.delete([server.id]),
            lambda uow, user, server, key: uow.api_keys.add(a_key("new")),
            lambda uow, user, server, key: uow.api_keys.delete(key.id),
        ],
        ids=lambda change: change.__code__.co_firstlineno,
    )
    def test_a_change_to_the_fleet_raises_it_by_one(self, new_uow, queries, fleet_changes, change):
        """However much one commit changes; announced once, and only when every reader can see it."""
        stored = self._fleet(new_uow)
        before, announced = queries.fleet.revision(), len(fleet_changes)
        with new_uow() as uow:
            change(uow, *stored)
            uow.servers.add(a_server("192.0.2.201"))
            assert queries.fleet.revision() == before
            assert len(fleet_changes) == announced
            uow.commit()
            assert queries.fleet.revision() == before + 1
            assert len(fleet_changes) == announced + 1
        assert queries.fleet.revision() == before + 1
        assert len(fleet_changes) == announced + 1

    def test_a_single_change_raises_it_by_one(self, new_uow, queries, fleet_changes):
        user, server, key = self._fleet(new_uow)
        changes: list[Callable[[UnitOfWork], object]] = [
            lambda uow: uow.users.save(replace(user, email="a@example.com")),
            lambda uow: uow.servers.save(replace(server, port=2222)),
            lambda uow: uow.api_keys.delete(key.id),
            lambda uow: uow.servers.delete([server.id]),
            lambda uow: uow.users.delete(user.id),
        ]
        before, announced = queries.fleet.revision(), len(fleet_changes)
        for n, change in enumerate(changes, 1):
            with new_uow() as uow:
                change(uow)
                uow.commit()
            assert (queries.fleet.revision(), len(fleet_changes)) == (before + n, announced + n)

    def test_whatever_people_set_raises_it_by_one(self, new_uow, queries, fleet_changes):
        policy, silence, channel = stored_policy(new_uow), stored_silence(new_uow), stored_channel(new_uow)
        team = stored_team(new_uow)
        changes: list[Callable[[UnitOfWork], object]] = [
            lambda uow: uow.alert_policies.add(a_policy(metric="memory")),
            lambda uow: uow.alert_policies.save(replace(policy, enabled=False)),
            lambda uow: uow.alert_policies.delete(policy.id),
            lambda uow: uow.silences.add(a_silence()),
            lambda uow: uow.silences.end(silence.id, silence.ends_at + timedelta(days=1)),
            lambda uow: uow.silences.delete(silence.id),
            lambda uow: (uow.silences.add(a_silence()), uow.silences.delete_before(AT + timedelta(days=9))),
            lambda uow: uow.channels.add(a_channel()),
            lambda uow: uow.channels.save(replace(channel, name="other")),
            lambda uow: uow.channels.delete(channel.id),
            lambda uow: uow.preferences.save({"digest_wait": 20.0}),
            lambda uow: uow.teams.add(a_team("new")),
            lambda uow: uow.teams.save(replace(team, tags=frozenset({"web"}))),
            lambda uow: uow.teams.delete(team.id),
        ]
        before, announced = queries.fleet.revision(), len(fleet_changes)
        for n, change in enumerate(changes, 1):
            with new_uow() as uow:
                change(uow)
                uow.commit()
            assert (queries.fleet.revision(), len(fleet_changes)) == (before + n, announced + n)

    def test_alerts_and_notifications_do_not_raise_it(self, new_uow, queries, fleet_changes):
        user, server, _ = self._fleet(new_uow)
        policy, channel = stored_policy(new_uow), stored_channel(new_uow)
        before, announced = queries.fleet.revision(), len(fleet_changes)
        with new_uow() as uow:
            alert = uow.alerts.add(an_alert(server.id, policy_id=policy.id))
            (entry,) = uow.alerts.add_to_timeline([a_timeline_entry(alert)])
            uow.alerts.save(alert.acknowledged(user.id, AT))
            stored = uow.alert_states.save(uow.alert_states.save([a_state(server.id, policy.id)]))
            uow.alert_states.delete(stored)
            uow.notifications.add([a_notification(entry, Target(channel_id=channel.id))])
            uow.notifications.save(uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9))
            uow.notifications.delete_before(AT, 100)
            assert uow.alert_policies.get(policy.id) == policy
            assert uow.alert_policies.all() == [policy]
            assert uow.channels.get(channel.id) == channel
            assert uow.silences.all() == []
            assert uow.preferences.all() == {}
            uow.commit()
        assert (queries.fleet.revision(), len(fleet_changes)) == (before, announced)

    def test_a_rollback_does_not_raise_it(self, new_uow, queries, fleet_changes):
        before, announced = queries.fleet.revision(), len(fleet_changes)
        with new_uow() as uow:
            change_everything(uow)
        with pytest.raises(Interrupted):
            fail_half_way(new_uow)
        assert (queries.fleet.revision(), len(fleet_changes)) == (before, announced)

    def test_liveness_and_everything_else_do_not_raise_it(self, new_uow, queries, fleet_changes):
        user, server, key = self._fleet(new_uow)
        before, announced = queries.fleet.revision(), len(fleet_changes)
        with new_uow() as uow:
            uow.servers.mark_online([server.id])
            uow.servers.save_intervals({server.id: 30.0})
            uow.servers.mark_offline({server.id: AT})
            uow.api_keys.save_last_used({key.id: AT})
            uow.samples.add([a_sample(server.id)])
            uow.sessions.add(a_session(user.id, "new"))
            uow.sessions.save(a_session(user.id, "new").rotated(token_digest("newer"), AT))
            uow.sessions.delete_all(user.id)
            uow.live_tickets.add(TICKET, some_claims(user_id=user.id), AT)
            uow.login_attempts.add(a_guess("alice", "a"), AT)
            uow.leases.acquire("job", "a", AT, SECOND)
            uow.unregistered_hosts.record([a_host()])
            uow.unregistered_hosts.delete(a_host().ip_address)
            uow.audit.add(an_entry())
            uow.users.get(user.id)
            uow.servers.get(server.id, changed_by=ADMIN)
            uow.commit()
        assert (queries.fleet.revision(), len(fleet_changes)) == (before, announced)

    def test_deleting_what_is_not_there_does_not_raise_it(self, new_uow, queries, fleet_changes):
        before, announced = queries.fleet.revision(), len(fleet_changes)
        with new_uow() as uow:
            uow.servers.delete([ServerId(1_000_000)])
            uow.api_keys.delete(ApiKeyId(1_000_000))
            uow.silences.delete(SilenceId(1_000_000))
            uow.silences.delete_before(AT)
            uow.commit()
        assert (queries.fleet.revision(), len(fleet_changes)) == (before, announced)

    def test_a_change_can_be_read_when_it_is_announced(self, new_uow, queries, fleet_changes):
        """The list of the fixture has what could be read at each announcement."""
        stored_server(new_uow)
        assert fleet_changes[-1] == queries.fleet.revision()

    @staticmethod
    def _fleet(new_uow: NewUow):
        user = stored_user(new_uow)
        server = stored_server(new_uow, user_ids=frozenset({user.id}))
        return user, server, stored_key(new_uow, server_id=server.id, owner_id=user.id)


Change = Callable[[UnitOfWork], object]


def as_held(directory: Directory) -> dict[str, object]:
    """Everything of *directory* that can be compared, in its order."""
    found = {field.name: getattr(directory, field.name) for field in fields(directory)}
    rules = found.pop("rules")
    found |= {"policies": list(rules.policies.all), "silences": list(rules.silences.all)}
    found |= {"order": list(directory.servers), "users": sorted(directory.users.items())}
    return found


class FleetChangesContract:
    """Who applies the changes since a revision holds the same as who reads everything."""

    def test_changes_lead_from_each_revision_to_the_present(self, new_uow, queries):
        held = [Directory.of(queries.fleet.snapshot())]
        for change in self._changes(new_uow):
            with new_uow() as uow:
                change(uow)
                uow.commit()
            present = Directory.of(queries.fleet.snapshot())
            for before in held:
                changes = queries.fleet.changes(before.revision, 1000)
                assert changes is not None
                assert as_held(present) == as_held(before.with_changes(changes))
            held.append(present)

    def test_what_did_not_change_is_not_read(self, new_uow, queries):
        server, key = stored_server(new_uow), stored_key(new_uow)
        stored_user(new_uow)
        before = queries.fleet.revision()
        with new_uow() as uow:
            uow.servers.save(replace(server, name="new"))
            uow.api_keys.delete(key.id)
            uow.commit()
        changes = queries.fleet.changes(before, 10)
        assert (before + 1, ["new"]) == (changes.revision, [each.name for each in changes.servers.values()])
        assert ({key.id: None}, {}) == (changes.api_keys, changes.users)
        assert {} == changes.teams
        assert (None, None, None, None) == (changes.policies, changes.silences, changes.channels, changes.preferences)
        assert changes.roster is None

    def test_without_a_change_there_is_none(self, queries):
        revision = queries.fleet.revision()
        changes = queries.fleet.changes(revision, 10)
        assert (revision, {}, None) == (changes.revision, changes.servers, changes.policies)

    def test_too_many_changes_are_not_read(self, new_uow, queries):
        before = queries.fleet.revision()
        with new_uow() as uow:
            uow.servers.add_many([a_server(f"192.0.2.{number}") for number in range(1, 6)])
            uow.commit()
        assert queries.fleet.changes(before, 4) is None
        assert 5 == len(queries.fleet.changes(before, 5).servers)

    def test_a_revision_of_another_store_has_no_changes(self, new_uow, queries):
        """As of a process that goes on while its database is replaced by an older backup."""
        stored_server(new_uow)
        assert queries.fleet.changes(queries.fleet.revision() + 1, 10) is None

    @staticmethod
    def _changes(new_uow: NewUow) -> Iterator[Change]:
        users = [stored_user(new_uow, "alice"), stored_user(new_uow, "root", role=Role.ADMIN)]
        linked, other = frozenset({users[0].id}), stored_server(new_uow, "192.0.2.9", user_ids=frozenset({users[1].id}))
        server = stored_server(new_uow, user_ids=linked, tags=frozenset({"web"}))
        key, fleet_key = stored_key(new_uow, server_id=server.id), stored_key(new_uow, "fleet", owner_id=users[0].id)
        policy = stored_policy(new_uow, scope=Scope(server_id=server.id))
        silence, channel = stored_silence(new_uow, created_by=users[0].id), stored_channel(new_uow)
        yield lambda uow: uow.servers.save(replace(server, ip_address="192.0.2.77", tags=frozenset(), port=1))
        yield lambda uow: uow.servers.save(replace(other, ip_address=server.ip_address, user_ids=linked))
        yield lambda uow: uow.users.save(replace(users[0], role=Role.ADMIN))
        yield lambda uow: uow.users.save(replace(users[1], role=Role.USER))
        yield lambda uow: uow.alert_policies.save(replace(policy, enabled=False))
        yield lambda uow: uow.silences.end(silence.id, silence.ends_at + timedelta(days=1))
        yield lambda uow: uow.silences.delete(silence.id)
        yield lambda uow: (uow.silences.add(a_silence()), uow.channels.save(replace(channel, name="other")))
        yield lambda uow: uow.silences.delete_before(AT + timedelta(days=9))
        yield lambda uow: uow.preferences.save({"digest_wait": 20.0})
        yield lambda uow: uow.api_keys.delete(key.id)
        yield lambda uow: (uow.api_keys.add(a_key("again", server_id=server.id)), uow.channels.delete(channel.id))
        members = frozenset(user.id for user in users)
        team = stored_team(new_uow, user_ids=members, server_ids=frozenset({server.id}), tags=frozenset({"db"}))
        yield lambda uow: uow.servers.save(replace(other, tags=frozenset({"db"})))
        yield lambda uow: uow.teams.save(replace(team, access=TeamAccess.WRITE))
        yield lambda uow: uow.teams.add(a_team("others", user_ids=linked, tags=frozenset({"db", "web"})))
        escalation = stored_escalation(new_uow, "nights", StepTarget(TargetKind.USER, users[0].id))
        rota = stored_rota(new_uow, user_ids=tuple(members))
        yield lambda uow: uow.teams.save(replace(team, escalation_id=escalation.id))
        yield lambda uow: uow.rotas.save(replace(rota, name="other"))
        yield lambda uow: uow.ways.replace(users[0].id, [a_way(users[0].id)])
        yield lambda uow: uow.alert_policies.save(replace(policy, escalation_id=escalation.id))
        yield lambda uow: uow.escalations.delete(escalation.id)
        yield lambda uow: uow.servers.delete([server.id])
        yield lambda uow: uow.servers.add(a_server("192.0.2.77", user_ids=linked))
        yield lambda uow: uow.users.delete(users[0].id)
        yield lambda uow: uow.api_keys.delete(fleet_key.id)
        yield lambda uow: uow.users.add(a_user("bob"))
        yield lambda uow: uow.rotas.delete(rota.id)
        yield lambda uow: uow.teams.delete(team.id)
