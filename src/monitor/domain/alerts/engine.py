"""Decide when an alert fires, escalates, de-escalates and resolves.

Functions without side effects: time is an argument, in whole microseconds since 1970, because spans are compared
exactly. State and rule are plain tuples for speed: a backtest of 30 days folds half a million samples in a second.
"""

from math import inf
from typing import NamedTuple

from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event, Rule

_CRITICAL = Level.CRITICAL


class State(NamedTuple):
    """State of one server and metric. All times are microseconds.

    *level*: that of the firing alert. *seen*: time of the newest sample (the watermark). *…_since*: time of the first
    sample of a run without interruption up to *seen*: at or beyond a threshold (warning, critical), clear of all
    thresholds (clear), or clear of the critical one (calm). *worst*: the value furthest beyond the thresholds since the
    alert fired. *worst_at*: the time of its first sample. None while nothing has fired.
    """

    level: Level = Level.OK
    seen: int | None = None
    warning_since: int | None = None
    critical_since: int | None = None
    clear_since: int | None = None
    calm_since: int | None = None
    worst: float | None = None
    worst_at: int | None = None

    @property
    def is_pending(self) -> bool:
        return self.level is Level.OK and (self.warning_since is not None or self.critical_since is not None)

    @property
    def is_idle(self) -> bool:
        """True if neither firing nor pending: then only the watermark has a meaning."""
        return not (self.level or self.warning_since is not None or self.critical_since is not None)

    def breached_since(self, event: "Event") -> int:
        """Return the time of the first sample of the run that led to *event*. This is the state after *event*."""
        since = self.critical_since if event.level is Level.CRITICAL else self.warning_since
        return event.at if since is None else since


def observe(
    rule: Rule,
    state: State,
    at: int,
    value: float,
    longest_gap: int,
    compared: float | None = None,
    middle: float | None = None,
) -> tuple[State, Event | None]:
    """Return the state after one sample, and the change, if any.

    *compared*: what is compared with the thresholds instead of *value*: what a forecast's line reaches. nan: not known;
    nothing is breached or clear, which interrupts all runs. *middle*: of a range; values are worse far from it.

    A sample up to the watermark changes nothing. A gap of more than *longest_gap* (microseconds) interrupts all runs.
    """
    level, seen, warning_since, critical_since, clear_since, calm_since, worst, worst_at = state
    if seen is None or at - seen > longest_gap:
        warning_since = critical_since = clear_since = calm_since = None
    elif at <= seen:
        return state, None
    sign, warning, critical, clear_below, calm_below, _, _, has_warning = rule
    v = value * sign
    if level and (worst is None or (v > worst * sign if middle is None else _is_further(value, worst, middle))):
        worst, worst_at = value, at
    if compared is not None:
        v = compared * sign
    # No loop, for speed: half a million samples are folded in a second.
    after = State(
        level,
        at,
        (at if warning_since is None else warning_since) if v >= warning and has_warning else None,
        (at if critical_since is None else critical_since) if v >= critical else None,
        (at if clear_since is None else clear_since) if v < clear_below else None,
        (at if calm_since is None else calm_since) if v < calm_below else None,
        worst,
        worst_at,
    )
    decided = _decide(rule, after, at)
    if decided is None:
        return after, None
    level, change = decided
    event_level = state.level if change is Change.RESOLVED else level
    if change is Change.FIRED:
        after = after._replace(worst=value, worst_at=at)
    return after._replace(level=level), Event(change, event_level, at, value)


def _is_further(value: float, other: float, middle: float) -> bool:
    """Compare distances from *middle* to six decimals: equal ones must not differ by float errors."""
    return round(abs(value - middle), 6) > round(abs(other - middle), 6)


def _decide(rule: Rule, state: State, at: int) -> tuple[Level, Change] | None:
    level, _, warning_since, critical_since, clear_since, calm_since, _, _ = state
    _, _, _, _, _, sustained_for, clear_for, has_warning = rule
    if critical_since is not None and level < _CRITICAL and at - critical_since >= sustained_for:
        return _CRITICAL, Change.ESCALATED if level else Change.FIRED
    if not level:
        if warning_since is not None and at - warning_since >= sustained_for:
            return Level.WARNING, Change.FIRED
        return None
    if clear_since is not None and at - clear_since >= clear_for:
        return Level.OK, Change.RESOLVED
    if calm_since is not None and level == _CRITICAL and has_warning and at - calm_since >= clear_for:
        return Level.WARNING, Change.DEESCALATED
    return None


def edges(rule: Rule) -> list[float]:
    """Return the bounds with which values (times the rule's sign) are compared, ascending, between the infinities."""
    return sorted({-inf, rule.warning, rule.critical, rule.clear_below, rule.calm_below, inf})


def next_change(rule: Rule, state: State) -> float:
    """Return the first time (microseconds) at which a sample may change more than the watermark of *state*.

    This holds for samples without a gap on the same side of all `edges` as the last, and not worse than the worst.
    """
    level, _, warning_since, critical_since, clear_since, calm_since, _, _ = state
    at = inf
    if not level:
        if critical_since is not None:
            at = critical_since + rule.sustained_for
        if warning_since is not None and warning_since + rule.sustained_for < at:
            at = warning_since + rule.sustained_for
        return at
    if clear_since is not None:
        at = clear_since + rule.clear_for
    if level is not _CRITICAL:
        return at if critical_since is None else critical_since + rule.sustained_for
    if calm_since is not None and rule.has_warning and calm_since + rule.clear_for < at:
        at = calm_since + rule.clear_for
    return at
