"""Forecasts, ranges, offline hosts, the quiet rule, and evaluation anew."""

from mutants.mutant import Mutant, Mutants

_FORECAST, _RANGES, _OFFLINE = (
    "domain/policies/kinds/forecast.py",
    "domain/policies/kinds/range.py",
    "domain/alerts/offline.py",
)
_QUIET, _ANEW = "domain/alerts/quiet.py", "application/alerts/evaluating/anew.py"

MUTANTS: Mutants = {
    "forecast": [
        Mutant(
            "half of the time with samples is too little",
            _FORECAST,
            "if 2 * len(held) < count:",
            "if 2 * len(held) <= count:",
            "unit/domain/policies/test_forecast.py",
        ),
        Mutant(
            "what falls is compared at the end alone",
            _FORECAST,
            "compared = max(ends) if self.policy.direction is Direction.ABOVE else min(ends)",
            "compared = ends[1]",
            "unit/domain/policies/test_forecast.py",
        ),
        Mutant(
            "it reaches ten minutes less",
            _FORECAST,
            "line.value_at(at + self._within)",
            "line.value_at(at + self._within - TEN_MINUTES)",
            "unit/domain/policies/test_forecast.py",
        ),
    ],
    "range": [
        Mutant(
            "the newest hours count",
            _RANGES,
            "bounds_of(self.policy, self._lows[:-_NOT_YET], self._highs[:-_NOT_YET], self.needed)",
            "bounds_of(self.policy, self._lows, self._highs, self.needed)",
            "unit/domain/policies/test_ranges.py",
        ),
        Mutant(
            "half of the hours with samples is too little",
            _RANGES,
            "if sum(low < inf for low in lows) < needed:",
            "if sum(low < inf for low in lows) <= needed:",
            "unit/domain/policies/test_ranges.py",
        ),
        Mutant(
            "the lower bound is without margin",
            _RANGES,
            "float(low - margin)",
            "float(low)",
            "unit/domain/policies/test_ranges.py",
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
            "what is held never adds up",
            _QUIET,
            "left = most_held - self.held_time",
            "left = most_held",
            "unit/domain/alerts/test_quiet.py",
        ),
        Mutant(
            "a calm day does not end a stretch",
            _QUIET,
            "at - self.ended_at >= DAY)",
            "at - self.ended_at > DAY)",
            "unit/domain/alerts/test_quiet.py",
        ),
        Mutant(
            "what was held counts on after an acknowledgement",
            _QUIET,
            "return replace(self._released(open_, at), held_time=0)",
            "return self._released(open_, at)",
            "unit/domain/alerts/test_quiet.py",
        ),
        Mutant(
            "an alert that escalates takes two places",
            _QUIET,
            "others = self.counts[0] - bool(open_.notified)",
            "others = self.counts[0]",
            "unit/domain/alerts/test_quiet.py",
        ),
    ],
    "evaluation anew": [
        Mutant(
            "a backlog is evaluated before it settles",
            _ANEW,
            "due_evaluations(now - SETTLED_AFTER, now - WAITS_AT_MOST, AT_ONCE)",
            "due_evaluations(now, now - WAITS_AT_MOST, AT_ONCE)",
            "unit/application/alerts/timelines/test_timelines.py",
        ),
        Mutant(
            "a policy judges what was before it",
            _ANEW,
            "begin = start if changed_at is None or changed_at > _end(now) else max(start, changed_at + MICROSECOND)",
            "begin = start",
            "unit/application/alerts/evaluating/test_anew.py",
        ),
        Mutant(
            "an edit makes alerts fire anew",
            "application/alerts/evaluating/reconciling.py",
            "if state.level is alert.level:",
            "if state.level is None:",
            "unit/application/alerts/evaluating/test_anew.py",
        ),
        Mutant(
            "an edit forgets the worst value",
            "application/alerts/evaluating/reconciling.py",
            "self._save(state._replace(worst=before.worst, worst_at=before.worst_at), alert.id)",
            "self._save(state, alert.id)",
            "unit/application/alerts/evaluating/test_anew.py",
        ),
        Mutant(
            "what no longer applies is evaluated",
            _ANEW,
            "if policy is None or held is None or held.policy_id != policy.id:",
            "if policy is None or held is None:",
            "unit/application/alerts/evaluating/test_anew.py",
        ),
        Mutant(
            "what fires on stays acknowledged",
            "application/alerts/evaluating/reconciling.py",
            "ended = replace(ended, acknowledged_by=None, acknowledged_at=None, late=False)",
            "ended = replace(ended, late=False)",
            "unit/application/alerts/evaluating/test_anew.py",
        ),
    ],
}
