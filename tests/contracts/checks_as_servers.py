"""Rows of checks among the servers: seen as their host, and in no list of hosts."""

import pytest

from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.ports import ServerFilter
from monitor.application.history.ports import SampleFilter
from monitor.domain.errors import Forbidden, NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.fleet.teams import TeamAccess
from monitor.domain.policies.policies import Scope
from tests.contracts.builders import (
    ADMIN,
    NOBODY,
    NewUow,
    a_sample,
    actor_of,
    store_samples,
    stored_alert,
    stored_server,
    stored_silence,
    stored_team,
    stored_user,
)


def stored_check(new_uow: NewUow, host: Server | None, number: int = 1) -> Server:
    host_id = None if host is None else host.id
    return stored_server(new_uow, f"100::{number}", kind=Kind.CHECK, host_id=host_id, attempts=3, report_interval=60.0)


class ChecksAsServersContract:
    def test_it_is_kept_as_it_was_given(self, new_uow, queries):
        host = stored_server(new_uow)
        check = stored_check(new_uow, host)
        found = {server.id: server for server in queries.fleet.snapshot().servers}
        assert (found[host.id].kind, found[check.id].kind) == (Kind.HOST, Kind.CHECK)
        assert (found[check.id].host_id, found[check.id].attempts) == (host.id, 3)
        changes = queries.fleet.changes(queries.fleet.revision() - 1, 100)
        assert changes is not None
        assert changes.servers[check.id] == found[check.id]

    def test_no_list_of_hosts_has_it(self, new_uow, queries):
        ann = stored_user(new_uow)
        host = stored_server(new_uow, user_ids=frozenset({ann.id}))
        check = stored_check(new_uow, host)
        store_samples(new_uow, a_sample(host.id), a_sample(check.id))
        for actor in (ADMIN, actor_of(ann)):
            assert [server.id for server in queries.servers.find(actor, ServerFilter())] == [host.id]
            assert queries.servers.find(actor, ServerFilter(ids=[check.id])) == []
            assert [row.sample.server_id for row in queries.samples.newest(actor, SampleFilter())] == [host.id]
            with pytest.raises(NotFound):
                queries.servers.get(actor, check.id)
            with pytest.raises(NotFound):
                queries.samples.newest(actor, SampleFilter(server_id=check.id))
            with new_uow() as uow:
                assert uow.servers.find_many([check.id], changed_by=actor) == []
                with pytest.raises(NotFound):
                    uow.servers.get_many([host.id, check.id], changed_by=actor)

    def test_its_alerts_are_seen_and_changed_like_those_of_its_host(self, new_uow, queries):
        reader, writer = stored_user(new_uow, "reader"), stored_user(new_uow, "writer")
        host = stored_server(new_uow, user_ids=frozenset({writer.id}))
        stored_team(new_uow, server_ids=frozenset({host.id}), user_ids=frozenset({reader.id}), access=TeamAccess.READ)
        alone = stored_alert(new_uow, stored_check(new_uow, None, 2).id)
        alert = stored_alert(new_uow, stored_check(new_uow, host).id)
        for actor in (actor_of(reader), actor_of(writer)):
            assert [row.alert.id for row in queries.alerts.newest(actor, AlertFilter())] == [alert.id]
            assert queries.alerts.newest(actor, AlertFilter(server_id=alert.server_id))[0].alert == alert
            assert queries.alerts.get(actor, alert.id)[0].alert == alert
            with pytest.raises(NotFound):
                queries.alerts.get(actor, alone.id)
            with pytest.raises(NotFound):
                queries.alerts.newest(actor, AlertFilter(server_id=alone.server_id))
        assert {row.alert.id for row in queries.alerts.newest(ADMIN, AlertFilter())} == {alone.id, alert.id}
        assert queries.alerts.newest(NOBODY, AlertFilter()) == []
        with new_uow() as uow:
            assert uow.alerts.get(alert.id, changed_by=actor_of(writer)) == alert
            with pytest.raises(Forbidden):
                uow.alerts.get(alert.id, changed_by=actor_of(reader))
            with pytest.raises(NotFound):
                uow.alerts.get(alone.id, changed_by=actor_of(writer))

    def test_its_silences_are_seen_like_those_of_its_host(self, new_uow, queries):
        ann = stored_user(new_uow)
        host = stored_server(new_uow, user_ids=frozenset({ann.id}))
        own, alone = (stored_check(new_uow, *of) for of in ((host, 1), (None, 2)))
        silences = [stored_silence(new_uow, scope=Scope(server_id=check.id)) for check in (own, alone)]
        with new_uow() as uow:
            assert uow.silences.get(silences[0].id, visible_to=actor_of(ann)).id == silences[0].id
            with pytest.raises(NotFound):
                uow.silences.get(silences[1].id, visible_to=actor_of(ann))

    def test_its_host_is_known(self, new_uow, queries):
        host = stored_server(new_uow)
        own, alone = (stored_check(new_uow, *of) for of in ((host, 1), (None, 2)))
        with new_uow() as uow:
            assert [uow.servers.host_of(each.id) for each in (host, own, alone)] == [host.id, host.id, None]
            with pytest.raises(NotFound):
                uow.servers.host_of(ServerId(4711))

    def test_it_outlives_its_host(self, new_uow, queries):
        host = stored_server(new_uow)
        check = stored_check(new_uow, host)
        revision = queries.fleet.revision()
        with new_uow() as uow:
            uow.servers.delete([host.id])
            uow.commit()
        changes = queries.fleet.changes(revision, 100)
        assert changes is not None
        left = changes.servers[check.id]
        assert left is not None
        assert (changes.servers[host.id], left.host_id) == (None, None)
