"""Decides when an alert fires, escalates and resolves: live, in backtests and in tests.

Pure: time is whole microseconds since the epoch and comes only from the arguments. Integers, since a span must be
compared exactly; a plain tuple as state and a rule made ready beforehand, since a backtest of 30 days folds half a
million samples and is to take a second.
"""

from decimal import Context, Decimal
from enum import StrEnum
from math import inf, isinf, nextafter
from typing import NamedTuple

from monitor.domain.alerts.policies import Direction, Policy
from monitor.domain.levels import Level
from monitor.domain.times import _MICROSECOND

_EXACT = Context(prec=800)
"""Enough digits for the sum of any two floats."""


_CRITICAL = Level.CRITICAL


class Change(StrEnum):
    FIRED = "fired"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    RESOLVED = "resolved"


class Event(NamedTuple):
    """*level* is the one after the change; of a resolved alert, the one it had."""

    change: Change
    level: Level
    at: int
    value: float


class State(NamedTuple):
    """Of one server and metric. *level* is what fires. *seen* is the time of the newest sample (the watermark).

    *…_since* are the first samples of unbroken runs that last until *seen*: at or beyond a threshold, clear of every
    threshold, clear of the critical one. *worst* is the value furthest beyond the thresholds since the alert fired,
    and *worst_at* the time of the first such sample; None while nothing has fired.
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
        """Neither firing nor about to: it remembers nothing but its watermark."""
        return not (self.level or self.warning_since is not None or self.critical_since is not None)

    def breached_since(self, event: "Event") -> int:
        """Return the first sample of the run that led to *event*, which this is the state after."""
        since = self.critical_since if event.level is Level.CRITICAL else self.warning_since
        return event.at if since is None else since


class Rule(NamedTuple):
    """A policy made ready: as for "above" (values times *sign*), durations in microseconds."""

    sign: float
    warning: float
    critical: float
    clear_below: float
    calm_below: float
    sustained_for: int
    clear_for: int
    has_warning: bool

    @property
    def floor(self) -> float:
        """The nearest threshold. Below it (values times *sign*) an idle state stays idle."""
        return min(self.warning, self.critical)


def rule_of(policy: Policy) -> Rule:
    sign = 1.0 if policy.direction is Direction.ABOVE else -1.0
    # A threshold that is absent is one that nothing reaches.
    critical = inf if policy.critical is None else sign * policy.critical
    warning = critical if policy.warning is None else sign * policy.warning
    return Rule(
        sign=sign,
        warning=warning,
        critical=critical,
        clear_below=_less(min(warning, critical), policy.clear_margin),
        calm_below=_less(critical, policy.clear_margin),
        sustained_for=policy.sustained_for // _MICROSECOND,
        clear_for=policy.clear_for // _MICROSECOND,
        has_warning=policy.warning is not None,
    )


def _less(threshold: float, margin: float) -> float:
    """Return the bound such that `value < bound` says what the numbers say as they are written.

    As floats, 72.7 - 2.6 is more than 70.1, and 70.1 would be clear of it.
    """
    if isinf(threshold):
        return threshold
    exact = _EXACT.subtract(Decimal(repr(threshold)), Decimal(repr(margin)))
    bound = float(exact)
    return nextafter(bound, inf) if Decimal(repr(bound)) < exact else bound


def observe(rule: Rule, state: State, at: int, value: float, longest_gap: int) -> tuple[State, Event | None]:
    """The state after one sample, and what changed.

    A sample at or before the watermark changes nothing. A run that a gap of more than *longest_gap* (microseconds)
    interrupts starts anew.
    """
    level, seen, warning_since, critical_since, clear_since, calm_since, worst, worst_at = state
    if seen is None or at - seen > longest_gap:
        warning_since = critical_since = clear_since = calm_since = None
    elif at <= seen:
        return state, None
    sign, warning, critical, clear_below, calm_below, _, _, has_warning = rule
    v = value * sign
    if level and (worst is None or v > worst * sign):
        worst, worst_at = value, at
    # Spelled out, since half a million of them are folded in a second.
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
    told = state.level if change is Change.RESOLVED else level
    if change is Change.FIRED:
        after = after._replace(worst=value, worst_at=at)
    return after._replace(level=level), Event(change, told, at, value)


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
    """Return where values (times the rule's sign) change sides, ascending, between the infinities."""
    return sorted({-inf, rule.warning, rule.critical, rule.clear_below, rule.calm_below, inf})


def next_change(rule: Rule, state: State) -> float:
    """Return until when (microseconds, exclusive) a state merely goes on.

    Samples before then that follow without a gap, on the same side of all `edges` as the last and no worse
    than the worst, change nothing of *state* but its watermark.
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
