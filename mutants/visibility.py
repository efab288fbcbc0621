"""Who sees what."""

from mutants.mutant import Mutant, Mutants

_SERVER, _DIRECTORY = "domain/fleet/servers.py", "application/fleet/directory.py"
_VISIBLE = "application/fleet/visibility.py"
_SQL = "integration/persistence/test_contracts.py::TestSql"
_HIDDEN = "integration/http/test_hidden_things.py"

MUTANTS: Mutants = {
    "who sees servers": [
        Mutant(
            "everybody sees every server",
            _SERVER,
            "return self.is_changeable_by(actor) or actor.user_id in self.team_readers",
            "return True",
            "unit/domain/fleet/test_servers.py",
        ),
        Mutant(
            "a team that reads may change",
            _SERVER,
            "actor.user_id in self.user_ids or actor.user_id in self.team_writers",
            "actor.user_id in self.people",
            "unit/application/fleet/test_team_rights.py",
        ),
        Mutant(
            "a user's list has the whole fleet",
            _VISIBLE,
            "if self.actor.is_admin:\n            return held.servers.values()",
            "if self.actor:\n            return held.servers.values()",
            "unit/application/alerts/test_lists.py",
        ),
        Mutant(
            "members still see what their team has lost",
            _DIRECTORY,
            "seen_by_members={} if servers or changes.teams else self.seen_by_members",
            "seen_by_members=self.seen_by_members",
            "unit/application/fleet/test_team_rights.py",
        ),
        Mutant(
            "who reads the fleet's figures gets those of another person",
            "adapters/http/history/stats.py",
            "view = None if actor.is_admin else actor.user_id, language(), counted",
            "view = language(), counted",
            "integration/http/history/test_stats.py::test_nobody_gets_the_answer_of_another",
        ),
        Mutant(
            "figures of before a change are answered after it",
            "application/fleet/fleet.py",
            "self.version += 1",
            "pass",
            "integration/http/history/test_stats.py::test_a_change_is_in_the_next_answer",
        ),
        Mutant(
            "every id is found",
            _VISIBLE,
            "return found if found is not None and found.is_visible_to(self.actor) else None",
            "return found",
            f"{_HIDDEN}::test_a_hidden_thing_answers_as_one_that_does_not_exist",
        ),
        Mutant(
            "an error about something else tells that a check exists",
            "adapters/http/policies/scopes.py",
            "found = visible.find(id_)",
            "found = visible.directory.watched(id_)",
            f"{_HIDDEN}::test_a_hidden_thing_answers_as_one_that_does_not_exist",
        ),
        Mutant(
            "the live stream lists all servers",
            _VISIBLE,
            "return [server.id for server in self.servers]",
            "return list(self.directory.servers)",
            f"{_HIDDEN}::test_what_is_hidden_is_in_no_list_and_no_count",
        ),
        Mutant(
            "teams are of everybody in the database",
            "adapters/persistence/fleet/conditions.py",
            "[way.where(team_users.c.user_id == actor.user_id) for way in (listed, tagged)]",
            "[listed, tagged]",
            f"{_SQL}::TestTeamRights::test_members_see_the_servers_of_their_teams[sqlite]",
        ),
    ],
    "who sees alerts": [
        Mutant(
            "any alert is read by its id",
            "adapters/persistence/alerts/alert_queries.py",
            "SHOWN.where(t.c.id == alert_id, is_seen_by(actor, host_of(t.c.server_id)))",
            "SHOWN.where(t.c.id == alert_id)",
            f"{_SQL}::TestAlertQueries::test_users_see_only_alerts_of_servers_linked_to_them[sqlite]",
        ),
        Mutant(
            "a foreign alert is explained",
            "application/hindsight/explaining.py",
            "server, directory = visible.get(server_id), visible.directory",
            "server, directory = visible.directory.servers[server_id], visible.directory",
            "unit/application/hindsight/test_explaining.py::test_who_does_not_see_the_server_is_answered_not_found",
        ),
        Mutant(
            "everybody sees all noise",
            _VISIBLE,
            "VisibleIds(None if self.actor.is_admin else {each.id for each in self.all})",
            "VisibleIds(None)",
            "unit/application/hindsight/test_noise.py::test_who_does_not_see_a_server_sees_none_of_its_noise",
        ),
        Mutant(
            "anybody reads a backtest",
            "application/jobs.py",
            "if job is None or job.owner != actor.user_id:",
            "if job is None:",
            "unit/application/hindsight/test_backtest_jobs.py",
        ),
    ],
    "who sees checks": [
        Mutant(
            "any check-in is read by its id",
            "application/checks/reading.py",
            "self.fleet.visible_to(actor).get(check_in_id, Kind.CHECK_IN)",
            "pass",
            "integration/http/checks/test_check_ins.py::"
            "test_it_is_seen_like_its_server_and_without_one_by_administrators[memory]",
        ),
        Mutant(
            "a check keeps the people of its host's past",
            _DIRECTORY,
            "followed = self._checks_of(servers, others=owners != self.owners_of_all) | own_checks",
            "followed = own_checks",
            "unit/application/fleet/test_checks_in_the_directory.py",
        ),
    ],
    "who sees history": [
        Mutant(
            "a chart of any server",
            "adapters/persistence/fleet/conditions.py",
            "_must_be_there(connection, server_id, is_seen_by(actor, host_of(servers.c.id)))",
            "_must_be_there(connection, server_id, true())",
            f"{_SQL}::TestSampleQueries::test_values_are_hidden_like_samples[sqlite]",
        ),
    ],
    "live stream": [
        Mutant(
            "news of servers that one does not see",
            "adapters/http/live/hub.py",
            "stream.take(visible.sees,",
            "stream.take(lambda _: True,",
            "integration/http/live/test_live_alerts.py::test_users_get_alerts_of_linked_servers_only",
        ),
        Mutant(
            "it goes on after the session",
            "adapters/http/live/hub.py",
            "if stream.caller.claims in ended:",
            "if stream.caller.claims not in held:",
            "integration/http/live/test_live.py::test_it_ends_with_the_session",
        ),
        Mutant(
            "a ticket is good twice",
            "adapters/persistence/accounts/sessions.py",
            "self._connection.execute(delete(self._table).where(wanted))",
            "pass",
            f"{_SQL}::TestLiveTickets::test_a_ticket_gives_its_claims_once[sqlite]",
        ),
    ],
}
