"""Forecasts, ranges, offline hosts, the quiet rule, and evaluation anew."""

from mutants.mutant import Mutant, Mutants

_FORECAST, _RANGES, _OFFLINE = "domain/alerts/forecast.py", "domain/alerts/ranges.py", "domain/alerts/offline.py"
_QUIET, _ANEW = "domain/alerts/quiet.py", "application/alerts/anew.py"

MUTANTS: Mutants = {
    "forecast": [
        Mutant(
            "half of the time with samples is too little",
            _FORECAST,
            "if 2 * len(held) < count:",
            "if 2 * len(held) <= count:",
            "unit/domain/alerts/test_forecast.py",
        ),
        Mutant(
            "what falls is compared at the end alone",
            _FORECAST,
            "compared = max(ends) if self.policy.direction is Direction.ABOVE else min(ends)",
            "compared = ends[1]",
            "unit/domain/alerts/test_forecast.py",
        ),
        Mutant(
            "it reaches ten minutes less",
            _FORECAST,
            "line.value_at(at + self._within)",
            "line.value_at(at + self._within - TEN_MINUTES)",
            "unit/domain/alerts/test_forecast.py",
        ),
    ],
    "range": [
        Mutant(
            "the newest hours count",
            _RANGES,
            "bounds_of(self.policy, self._lows[:-_NOT_YET], self._highs[:-_NOT_YET], self.needed)",
            "bounds_of(self.policy, self._lows, self._highs, self.needed)",
            "unit/domain/alerts/test_ranges.py",
        ),
        Mutant(
            "half of the hours with samples is too little",
            _RANGES,
            "if sum(low < inf for low in lows) < needed:",
            "if sum(low < inf for low in lows) <= needed:",
            "unit/domain/alerts/test_ranges.py",
        ),
        Mutant(
            "the lower bound is without margin",
            _RANGES,
            "float(low - margin)",
            "float(low)",
            "unit/domain/alerts/test_ranges.py",
        ),
    ],
    "offline": [
        Mutant(
            "at the last moment that is allowed",
            _OFFLINE,
            "if now - last_report > allowed else None",
            "if now - last_report >= allowed else None",
            "unit/domain/alerts/test_offline.py",
        ),
        Mutant(
            "slow hosts are offline",
            _OFFLINE,
            "allowed = max(offline_after // MICROSECOND, longest_silence)",
            "allowed = offline_after // MICROSECOND",
            "unit/domain/alerts/test_offline.py",
        ),
        Mutant(
            "after a start of the server all are",
            _OFFLINE,
            "since = last_report_at if listening_since is None else max(last_report_at, listening_since)",
            "since = last_report_at",
            "unit/domain/alerts/test_offline.py",
        ),
        Mutant(
            "reports to another process do not count",
            "application/alerts/offline.py",
            "max(seen, received.get(id_, seen))",
            "seen",
            "unit/application/alerts/test_offline.py",
        ),
    ],
    "quiet rule": [
        Mutant(
            "a third alert is not held", _QUIET, "AT_ONCE = 2\n", "AT_ONCE = 3\n", "unit/domain/alerts/test_quiet.py"
        ),
        Mutant(
            "it waits as long as the longest, not twice",
            _QUIET,
            "max(2 * longest, SHORTEST_WAIT)",
            "max(longest, SHORTEST_WAIT)",
            "unit/domain/alerts/test_quiet.py",
        ),
        Mutant(
            "held time does not add up",
            _QUIET,
            "held_time = self.held_time + max(0, at - open_.held_since)",
            "held_time = self.held_time",
            "unit/domain/alerts/test_quiet.py",
        ),
        Mutant(
            "an end is heard of what nobody heard of",
            _QUIET,
            "if self.open.notified:\n            return this._reset(), Notice(at, self.open.notified",
            "if self.open:\n            return this._reset(), Notice(at, self.open.level",
            "unit/domain/alerts/test_quiet.py",
        ),
        Mutant(
            "an acknowledged alert is heard of",
            _QUIET,
            "open_ = self.open._replace(known=max(self.open.known, self.open.level))",
            "open_ = self.open",
            "unit/domain/alerts/test_quiet.py",
        ),
        Mutant(
            "live alerts forget it",
            "application/alerts/announcing.py",
            "return _Risen(replace(alert, due_at=_due_at(quiet)), is_notified=notice is not None, notice=notice)",
            "return _Risen(alert, is_notified=True, notice=notice)",
            "unit/application/alerts/test_quiet.py",
        ),
    ],
    "evaluation anew": [
        Mutant(
            "a backlog is evaluated before it settles",
            _ANEW,
            "due_evaluations(now - SETTLED_AFTER, now - WAITS_AT_MOST, AT_ONCE)",
            "due_evaluations(now, now - WAITS_AT_MOST, AT_ONCE)",
            "unit/application/alerts/test_timelines.py",
        ),
        Mutant(
            "a policy judges what was before it",
            _ANEW,
            "begin = start if policy.changed_at is None else max(start, policy.changed_at + MICROSECOND)",
            "begin = start",
            "unit/application/alerts/test_anew.py",
        ),
        Mutant(
            "what was edited meanwhile is overwritten",
            _ANEW,
            "if not is_same or not uow.due_evaluations.delete(due):",
            "if not uow.due_evaluations.delete(due):",
            "unit/application/alerts/test_anew.py unit/application/alerts/test_alert_machine.py",
        ),
        Mutant(
            "late samples are not evaluated",
            "application/alerts/evaluation.py",
            "at <= newest[server_id]:\n                evaluator.following.note_late(sample)",
            "at <= newest[server_id]:",
            "unit/application/alerts/test_alert_invariants.py",
        ),
        Mutant(
            "what late samples disprove stays",
            "application/alerts/reconciling.py",
            "self.announcer.take_away(self.server, alert)",
            "self.announcer.report_found(self.server, alert)",
            "unit/application/alerts/test_alert_invariants.py",
        ),
        Mutant(
            "an edit makes alerts fire anew",
            "application/alerts/reconciling.py",
            "if state.level is alert.level:",
            "if state.level is None:",
            "unit/application/alerts/test_anew.py",
        ),
        Mutant(
            "alerts of another policy are taken away",
            "application/alerts/reconciling.py",
            "each.policy_id == self.policy.id and each.state is not AlertState.CANCELLED]",
            "each.state is not AlertState.CANCELLED]",
            "unit/application/alerts/test_timelines.py",
        ),
    ],
}
