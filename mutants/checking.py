"""Checks and check-ins."""

from mutants.mutant import Mutant, Mutants

_CHECKS, _SCHEDULE, _TARGETS = "domain/checks/checks.py", "domain/checks/schedule.py", "domain/checks/targets.py"
_CHECK_INS, _MISSING = "domain/checks/check_ins.py", "domain/checks/missing.py"
_SQL = "integration/persistence/test_contracts.py::TestSql"

MUTANTS: Mutants = {
    "checks": [
        Mutant(
            "down a failure later",
            _CHECKS,
            "if result.at - since >= failing_for(attempts, interval) else self.state",
            "if result.at - since >= failing_for(attempts + 1, interval) else self.state",
            "unit/domain/checks/test_checks.py",
        ),
        Mutant(
            "failures before a long pause count",
            _CHECKS,
            "return not timedelta() <= gap <= least_gap(interval) * MICROSECOND",
            "return gap < timedelta()",
            "unit/domain/checks/test_checks.py",
        ),
        Mutant(
            "another target keeps the status",
            _CHECKS,
            "status = self.status if check.asks_like(self.check) else CheckStatus()",
            "status = self.status",
            "unit/application/checks/test_runs.py unit/application/configuration/test_checks_of_a_file.py",
        ),
        Mutant(
            "what hangs takes all threads",
            _SCHEDULE,
            "(most_failing > 0 or not check.is_failing)",
            "(most_failing >= 0 or check.is_failing)",
            "unit/domain/checks/test_schedule.py",
        ),
        Mutant(
            "two processes run one",
            "adapters/persistence/checks/checks.py",
            ".where(t.c.due_at <= now, _is_free(now))",
            ".where(t.c.due_at <= now)",
            f"{_SQL}::TestCheckClaims::test_a_check_that_still_runs_is_not_due[sqlite]",
        ),
        Mutant(
            "readers see the path of a target",
            "adapters/http/checks/bodies.py",
            "check.target if may_change else without_secrets(check.target)",
            "check.target",
            "integration/http/checks/test_checks.py::test_secrets_are_shown_to_those_alone_who_may_change_them",
        ),
        Mutant(
            "a secret header goes to another server",
            _CHECKS,
            "stored._origin == self._origin",
            "stored.kind is self.kind",
            "unit/domain/checks/test_requests.py",
        ),
        Mutant(
            "a redirect carries headers to another server",
            "adapters/checks/http.py",
            "return after, Request(method=method)\n",
            "return after, Request(method=method, headers=request.headers)\n",
            "integration/checks/test_requests.py::test_another_server_gets_no_secrets",
        ),
        Mutant(
            "a paused check alerts",
            "domain/policies/check_policies.py",
            "if server.paused:",
            "if server.paused and server.is_host:",
            "unit/application/checks/test_pauses.py",
        ),
    ],
    "check-ins": [
        Mutant(
            "they have no grace",
            _CHECK_INS,
            "down_at = due_at + timedelta(seconds=self.grace)",
            "down_at = due_at",
            "unit/domain/checks/test_check_ins.py",
        ),
        Mutant(
            "missed while the server was away",
            _MISSING,
            "due_at = next_due(deaf_until)",
            "return end",
            "unit/domain/checks/test_missing.py",
        ),
        Mutant(
            "excused for ever",
            _MISSING,
            "return min(due_at + grace, max(end, excused_at + LONGEST_EXCUSE + grace))",
            "return due_at + grace",
            "unit/domain/checks/test_missing.py",
        ),
        Mutant(
            "a paused one comes up",
            _CHECK_INS,
            "if is_start or self.state is CheckInState.PAUSED:",
            "if is_start:",
            "unit/domain/checks/test_check_ins.py",
        ),
        Mutant(
            "another timetable misses it at once",
            _CHECK_INS,
            "if after._timetable == self._timetable or self.state is not CheckInState.UP:",
            "if after._timetable or self.state is not CheckInState.UP:",
            "unit/domain/checks/test_check_ins.py",
        ),
        Mutant(
            "a job is missed whose ping waits for the database",
            "application/checks/missed.py",
            "check_in.due_at if unstored is None else max(check_in.due_at, next_due(unstored))",
            "check_in.due_at",
            "unit/application/checks/test_missed.py",
        ),
        Mutant(
            "a failure is forgotten that a success follows",
            "application/checks/missed.py",
            "each.state is CheckInState.DOWN or each.failure_is_new for each in found}",
            "each.state is CheckInState.DOWN for each in found}",
            "unit/application/checks/test_missed.py",
        ),
    ],
}
