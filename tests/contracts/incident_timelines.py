import pytest

from monitor.domain.alerts.alert import EventKind, IncidentId
from monitor.domain.errors import NotFound
from tests.contracts.builders import (
    ADMIN,
    AT,
    NOBODY,
    SECOND,
    actor_of,
    stored_alert,
    stored_entry,
    stored_server,
    stored_user,
)
from tests.contracts.incidents import saved


class IncidentTimelinesContract:
    def test_the_events_of_all_alerts_are_in_order_and_paged(self, new_uow, queries):
        web, db = stored_server(new_uow, name="web-1"), stored_server(new_uow, "192.0.2.2", name="db-1")
        first, second = stored_alert(new_uow, web.id), stored_alert(new_uow, db.id, metric="disk")
        other = stored_alert(new_uow, db.id, metric="memory")
        late = stored_entry(new_uow, first, EventKind.RESOLVED, at=AT + SECOND)
        early, same = stored_entry(new_uow, second), stored_entry(new_uow, first)
        stored_entry(new_uow, other)
        id_ = saved(new_uow, first, second)
        found = queries.incidents.timeline(ADMIN, id_, None, 10)
        assert [each.entry for each in found] == [early, same, late]
        assert [each[1:] for each in found[:2]] == [(db.id, "db-1", "disk"), (web.id, "web-1", "cpu")]
        assert queries.incidents.timeline(ADMIN, id_, None, 2) == found[:2]
        for place, each in enumerate(found, 1):
            after = each.entry.at, each.entry.id
            assert queries.incidents.timeline(ADMIN, id_, after, 10) == found[place:]

    def test_the_events_of_a_merged_one_are_those_of_the_other(self, new_uow, queries):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        entry, older = stored_entry(new_uow, alert), saved(new_uow, alert)
        younger = saved(new_uow)
        with new_uow() as uow:
            uow.incidents.merge({younger: older}, AT)
            uow.commit()
        assert [each.entry for each in queries.incidents.timeline(ADMIN, younger, None, 10)] == [entry]

    def test_a_person_sees_those_of_their_own_servers(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_alert(new_uow, stored_server(new_uow, user_ids=frozenset({alice.id})).id)
        other = stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id)
        seen, hidden = stored_entry(new_uow, hers), stored_entry(new_uow, other)
        both, foreign = saved(new_uow, hers), saved(new_uow, other)
        assert [each.entry for each in queries.incidents.timeline(actor_of(alice), both, None, 10)] == [seen]
        for actor, asked in ((actor_of(alice), foreign), (NOBODY, both), (ADMIN, IncidentId(1_000_000))):
            for after in (None, (hidden.at, 0)):
                with pytest.raises(NotFound):
                    queries.incidents.timeline(actor, asked, after, 10)
