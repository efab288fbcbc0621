from datetime import timedelta

import pytest

from monitor.domain.alerts.alert import AlertState
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.errors import ConstraintViolated
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import AT, NewUow, stored_alert, stored_server

MINUTE = timedelta(minutes=1)


def due(server_id: ServerId, cause: Cause = Cause.LATE, minutes: int = 0, watched: str = "") -> DueEvaluation:
    at = AT + minutes * MINUTE
    return DueEvaluation(server_id, cause, at, at, at, watched)


def added(new_uow: NewUow, *wanted: DueEvaluation) -> list[DueEvaluation]:
    with new_uow() as uow:
        stored = uow.due_evaluations.add(wanted)
        uow.commit()
    return stored


class DueEvaluationsContract:
    def test_a_second_note_keeps_the_earliest_sample_and_gets_another_version(self, new_uow, queries):
        server = stored_server(new_uow)
        [first] = added(new_uow, due(server.id, minutes=5))
        [second] = added(new_uow, due(server.id, minutes=3)._replace(noted_at=AT + 9 * MINUTE))
        assert first.version != second.version
        assert queries.alerts.due_evaluations(AT + 9 * MINUTE, AT, 9) == [
            DueEvaluation(
                server.id, Cause.LATE, AT + 3 * MINUTE, AT + 5 * MINUTE, AT + 5 * MINUTE, version=second.version
            )
        ]

    def test_one_that_was_noted_again_is_not_deleted(self, new_uow, queries):
        server = stored_server(new_uow)
        [first] = added(new_uow, due(server.id))
        [second] = added(new_uow, due(server.id, minutes=1))
        with new_uow() as uow:
            assert not uow.due_evaluations.delete([first])
            assert uow.due_evaluations.delete([second])
            assert not uow.due_evaluations.delete([second])
            uow.commit()
        assert queries.alerts.due_evaluations(AT + 9 * MINUTE, AT, 9) == []

    def test_of_several_all_have_to_have_their_versions(self, new_uow, queries):
        server = stored_server(new_uow)
        several = added(new_uow, *(due(server.id, Cause.OWED, n, f"m{n}@range") for n in range(4)))
        with new_uow() as uow:
            assert uow.due_evaluations.delete([])
            assert uow.due_evaluations.delete(several[:2])
            assert not uow.due_evaluations.delete(several[1:3])
            assert uow.due_evaluations.of_watches() == several[3:]

    def test_a_rollback_leaves_nothing(self, new_uow, queries):
        server = stored_server(new_uow)
        with new_uow() as uow:
            uow.due_evaluations.add([due(server.id)])
        assert queries.alerts.due_evaluations(AT + 9 * MINUTE, AT, 9) == []

    def test_edited_ones_come_first_and_then_the_oldest_that_are_due(self, new_uow, queries):
        one, other = stored_server(new_uow), stored_server(new_uow, "192.0.2.2")
        added(
            new_uow,
            due(one.id, minutes=4),
            due(one.id, Cause.OWED, 3, "disk@forecast"),
            due(other.id, minutes=8),
            due(other.id, Cause.EDITED, 9, "cpu"),
        )
        found = queries.alerts.due_evaluations(AT, AT + 4 * MINUTE, 9)
        assert [each.cause for each in found] == [Cause.EDITED, Cause.OWED, Cause.LATE]
        assert queries.alerts.due_evaluations(AT + 4 * MINUTE, AT, 9) == [found[0], found[2]]
        assert queries.alerts.due_evaluations(AT + 9 * MINUTE, AT + 9 * MINUTE, 2) == found[:2]

    def test_those_of_watches_are_found_by_server(self, new_uow):
        one, other = stored_server(new_uow), stored_server(new_uow, "192.0.2.2")
        added(
            new_uow,
            due(one.id),
            due(one.id, Cause.EDITED, watched="cpu"),
            due(one.id, Cause.OWED, watched="disk@forecast"),
            due(other.id, Cause.OWED, watched="disk@forecast"),
        )
        with new_uow() as uow:
            every, own = uow.due_evaluations.of_watches(), uow.due_evaluations.of_watches([one.id])
        assert sorted((each.server_id, each.watched) for each in every) == [
            (one.id, "cpu"),
            (one.id, "disk@forecast"),
            (other.id, "disk@forecast"),
        ]
        assert sorted((each.server_id, each.cause) for each in own) == [(one.id, Cause.EDITED), (one.id, Cause.OWED)]

    def test_they_go_with_their_server(self, new_uow):
        server = stored_server(new_uow)
        added(new_uow, due(server.id, Cause.OWED, watched="cpu"))
        with new_uow() as uow:
            uow.servers.delete([server.id])
            uow.commit()
        with new_uow() as uow:
            assert uow.due_evaluations.of_watches() == []
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.due_evaluations.add([due(server.id)])

    def test_alerts_that_last_are_those_that_fire_and_those_that_ended_since(self, new_uow):
        server, other = stored_server(new_uow), stored_server(new_uow, "192.0.2.2")
        ended = {"state": AlertState.RESOLVED}
        stored_alert(new_uow, server.id, resolved_at=AT + 4 * MINUTE, **ended)
        lasting = stored_alert(new_uow, server.id, resolved_at=AT + 5 * MINUTE, **ended)
        firing = stored_alert(new_uow, server.id)
        stored_alert(new_uow, other.id)
        with new_uow() as uow:
            assert uow.alerts.lasting(server.id, AT + 5 * MINUTE) == [lasting, firing]
