"""Policies: what of a metric alerts, the servers they cover, when an alert may clear, and what to do then."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NewType, cast

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server, ServerId, checked_tags
from monitor.domain.intake.metrics import bounds, is_percent
from monitor.domain.intake.samples import FUTURE_TOLERANCE, METRIC_NAME
from monitor.domain.levels import Level
from monitor.domain.text import has_control_characters

_POINTS = 5.0


def default_clear_margin(metric: str, thresholds: Sequence[float], *, above: bool) -> float:
    """Return 5 for percentages, else a tenth of the span between the *thresholds*, or of the only one.

    If no value could clear that, return half of the way to the end of the metric's range.
    """
    if not thresholds:
        return 0.0
    usual = _POINTS if is_percent(metric) else _tenth(thresholds)
    low, high = bounds(metric)
    half = (min(thresholds) - low if above else high - max(thresholds)) / 2
    return next((margin for margin in (usual, half) if can_clear(metric, thresholds, margin, above=above)), 0.0)


def can_clear(metric: str, thresholds: Sequence[float], margin: float, *, above: bool) -> bool:
    """Tell whether *metric* can have a value on the good side of all *thresholds* by more than *margin*."""
    low, high = bounds(metric)
    return min(thresholds) - margin > low if above else max(thresholds) + margin < high


def _tenth(thresholds: Sequence[float]) -> float:
    """Return a tenth, calculated in decimals, so that 0.1 to 0.4 gives 0.03."""
    exact = [Decimal(repr(value)) for value in thresholds]
    return float((max(exact) - min(exact) if len(exact) > 1 else abs(exact[0])) / 10)


PolicyId = NewType("PolicyId", int)

OFFLINE = "offline"
"""Metric of the policy on hosts that stop reporting. It has no thresholds."""
CLOCK = "clock_error"
"""Metric of the policy on hosts whose clock is wrong: by how many seconds. No sample has it."""
LONGEST = timedelta(days=7)
# DEFAULT_THRESHOLDS of the seed: warning and critical, in percent.
DEFAULT_THRESHOLDS = {"cpu": (70.0, 85.0), "memory": (80.0, 90.0), "disk": (85.0, 95.0)}
DEFAULT_SUSTAINED_FOR = timedelta(minutes=5)
DEFAULT_CLEAR_MARGIN: Final = cast("float", None)
"""Policy replaces it by the default margin of its metric and thresholds; hence the type."""
DEFAULT_CLEAR_FOR = timedelta(minutes=1)
DEFAULT_OVER = timedelta(hours=24)
"""A nightly dump belongs to a line through a day, and bends one through six hours until it reaches any threshold."""
DEFAULT_WITHIN = timedelta(days=2)
OVER = timedelta(hours=1), timedelta(days=1)
"""The least and the most that a line is drawn through. Live evaluation reads as much from the database."""
WITHIN = timedelta(hours=1), timedelta(days=90)
LEARNED_AFTER = timedelta(hours=6)
"""How old values have to be to belong to a range. So what goes on for hours does not become usual before it fires."""
LONGEST_NOTE = 5000
_LINES = {ord(character): " " for character in "\n\r\t"}
DEFAULT_DAYS = 7
DEFAULT_BEYOND = 0.5
DAYS = 1, 30
BEYOND = 0.0, 10.0
WITHOUT_SAMPLES = (OFFLINE, CLOCK, "check_in")
"""Metrics that no sample has: their alerts follow reports and pings."""


class Direction(StrEnum):
    ABOVE = "above"
    BELOW = "below"


class PolicyKind(StrEnum):
    """What is compared: each value with thresholds, what a line through the last values reaches with thresholds, or
    each value with the least and the greatest one of the last days."""

    THRESHOLD = "threshold"
    FORECAST = "forecast"
    RANGE = "range"


_OPTIONS: dict[PolicyKind, dict[str, Any]] = {
    PolicyKind.THRESHOLD: {},
    PolicyKind.FORECAST: {"over": DEFAULT_OVER, "within": DEFAULT_WITHIN},
    PolicyKind.RANGE: {"days": DEFAULT_DAYS, "beyond": DEFAULT_BEYOND, "level": Level.WARNING},
}
"""Fields that only policies of one kind have, and what they are by default."""
_LIMITS: dict[str, tuple[Any, Any]] = {"over": OVER, "within": WITHIN, "days": DAYS, "beyond": BEYOND}
_ALL_OPTIONS = [name for options in _OPTIONS.values() for name in options]
_CHECKED = ("metric", "kind", "warning", "critical", "direction", "clear_margin", *_ALL_OPTIONS)


WatchKey = str
"""What one policy watches on a server: a metric, with its kind unless that is THRESHOLD. See `key_of`."""


def key_of(metric: str, kind: PolicyKind) -> WatchKey:
    """Return what tells apart the policies, states and alerts of one server. No metric's name has an @."""
    return metric if kind is PolicyKind.THRESHOLD else f"{metric}@{kind}"


def split_key(key: WatchKey) -> tuple[str, PolicyKind]:
    metric, _, kind = key.partition("@")
    return metric, PolicyKind(kind or PolicyKind.THRESHOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One server with its checks, or one check or check-in (*server_id*); what has a tag; or (neither) everything."""

    server_id: ServerId | None = None
    tag: str | None = None

    def __post_init__(self) -> None:
        if self.server_id is not None and self.tag is not None:
            raise InvalidInput({"scope": Problem("scope_of_one_kind")})
        if self.tag is not None:
            (tag,) = checked_tags([self.tag])
            object.__setattr__(self, "tag", tag)

    def covers(self, server: Server) -> bool:
        if self.server_id is not None:
            return self.server_id in server.own_ids
        return self.tag is None or self.tag in server.tags

    @property
    def rank(self) -> int:
        """How specific it is; of several policies, the highest applies."""
        return 2 if self.server_id is not None else 1 if self.tag is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When a metric fires. Either threshold may be absent. A disabled policy switches its metric off in its scope.

    *over*, *within*: of forecasts alone, else None. The line through the values of the last *over* is compared, as far
    as *within* ahead. *days*, *beyond*, *level*: of ranges alone, else None. A value fires *level* if it is outside the
    least and the greatest of the last *days* by more than *beyond* of that span. *note*: what to do, in Markdown.

    *changed_at*: when it was made or what it compares was last changed; None: by an older version. Samples from before
    are not evaluated by it.
    """

    metric: str
    kind: PolicyKind = PolicyKind.THRESHOLD
    warning: float | None = None
    critical: float | None = None
    direction: Direction = Direction.ABOVE
    sustained_for: timedelta = DEFAULT_SUSTAINED_FOR
    clear_margin: float = DEFAULT_CLEAR_MARGIN
    clear_for: timedelta = DEFAULT_CLEAR_FOR
    scope: Scope = Scope()
    enabled: bool = True
    over: timedelta | None = None
    within: timedelta | None = None
    days: int | None = None
    beyond: float | None = None
    level: Level | None = None
    note: str = ""
    id: PolicyId = PolicyId(0)  # 0 until stored
    changed_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for name, usual in _OPTIONS[self.kind].items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, usual)
        if self.clear_margin is DEFAULT_CLEAR_MARGIN:
            object.__setattr__(self, "clear_margin", self._default_margin())
        problems = {
            name: Problem("out_of_range", {"low": 0, "high": int(LONGEST.total_seconds())})
            for name in ("sustained_for", "clear_for")
            if not timedelta(0) <= getattr(self, name) <= LONGEST
        }
        if not METRIC_NAME.fullmatch(self.metric):
            problems["metric"] = Problem("invalid_metric_name")
        if not (math.isfinite(self.clear_margin) and self.clear_margin >= 0):
            problems["clear_margin"] = Problem("not_negative")
        if len(self.note) > LONGEST_NOTE:
            problems["note"] = Problem("too_long", {"limit": LONGEST_NOTE})
        elif has_control_characters(self.note.translate(_LINES)):
            problems["note"] = Problem("control_characters")
        problems |= self._threshold_problems() | self._kind_problems()
        if problems:
            raise InvalidInput(problems)

    @property
    def key(self) -> WatchKey:
        return key_of(self.metric, self.kind)

    @property
    def thresholds(self) -> list[float]:
        return [value for value in (self.warning, self.critical) if value is not None]

    def _default_margin(self) -> float:
        if self.kind is PolicyKind.RANGE or not all(map(math.isfinite, self.thresholds)):
            return 0.0
        return default_clear_margin(self.metric, self.thresholds, above=self.direction is Direction.ABOVE)

    @property
    def margin_is_too_wide(self) -> bool:
        """True if no value could clear it. A margin of 0 is never too wide."""
        if not self.thresholds or self.clear_margin == 0:
            return False
        return not can_clear(self.metric, self.thresholds, self.clear_margin, above=self.direction is Direction.ABOVE)

    def _range_problems(self) -> dict[str, Problem]:
        """Both sides of a range are watched, and what is within it again is clear."""
        problems = {
            name: Problem("not_for_ranges") for name in ("warning", "critical") if getattr(self, name) is not None
        }
        if self.direction is not Direction.ABOVE:
            problems["direction"] = Problem("not_for_ranges")
        if self.clear_margin:
            problems["clear_margin"] = Problem("not_for_ranges")
        if self.sustained_for > LEARNED_AFTER:
            problems["sustained_for"] = Problem("out_of_range", {"low": 0, "high": _plain(LEARNED_AFTER)})
        return problems

    def _kind_problems(self) -> dict[str, Problem]:
        own = _OPTIONS[self.kind]
        problems = {
            name: Problem("of_another_kind")
            for name in _ALL_OPTIONS
            if name not in own and getattr(self, name) is not None
        }
        for name in own:
            low, high = _LIMITS.get(name, (None, None))
            if low is not None and not low <= getattr(self, name) <= high:
                problems[name] = Problem("out_of_range", {"low": _plain(low), "high": _plain(high)})
        if self.kind is not PolicyKind.THRESHOLD and self.metric in WITHOUT_SAMPLES:
            problems["kind"] = Problem("needs_samples")
        return problems

    def _threshold_problems(self) -> dict[str, Problem]:
        given = self.thresholds
        if self.metric == OFFLINE:
            return {"warning": Problem("not_for_offline")} if given else {}
        if self.kind is PolicyKind.RANGE:
            return self._range_problems()
        if not given:
            return {"critical": Problem("threshold_required")}
        if not all(math.isfinite(value) for value in given):
            return {"critical": Problem("not_finite")}
        if self.warning is not None and self.critical is not None:
            above = self.direction is Direction.ABOVE
            if (self.warning >= self.critical) if above else (self.warning <= self.critical):
                return {"critical": Problem("critical_beyond_warning")}
        return {}


def _plain(limit: float | timedelta) -> float:
    number = limit.total_seconds() if isinstance(limit, timedelta) else limit
    return int(number) if number == int(number) else number


def checked_policy(policy: Policy) -> Policy:
    """Return *policy* if its metric can reach its thresholds and clear its margin. Raises InvalidInput.

    For input only, not for every Policy: stored ones may be older than these rules.
    """
    low, high = bounds(policy.metric)
    problems = {
        name: Problem("out_of_range", {"low": int(low), "high": int(high)})
        for name in ("warning", "critical")
        if is_percent(policy.metric) and (value := getattr(policy, name)) is not None and not low <= value <= high
    }
    if not problems and policy.margin_is_too_wide:
        problems["clear_margin"] = Problem("never_clears")
    if problems:
        raise InvalidInput(problems)
    return policy


def changed(policy: Policy, **changes: Any) -> Policy:
    """Return *policy* with *changes* by the names of its fields. Raises InvalidInput.

    A margin that no value could clear any more becomes the default, unless it is among the changes. A stored policy
    that breaks the rules can be changed as long as its thresholds and margin stay: it can still be disabled.
    """
    if changes.get("kind", policy.kind) is not policy.kind:
        changes = {**dict.fromkeys(_ALL_OPTIONS), "clear_margin": DEFAULT_CLEAR_MARGIN, **changes}
    after = replace(policy, **changes)
    if all(getattr(after, name) == getattr(policy, name) for name in _CHECKED):
        return after
    if "clear_margin" not in changes and after.margin_is_too_wide:
        after = replace(after, clear_margin=DEFAULT_CLEAR_MARGIN)
    return checked_policy(after)


def default_policies() -> list[Policy]:
    """Return the policies of a new database."""
    thresholds = [Policy(metric=m, warning=w, critical=c) for m, (w, c) in DEFAULT_THRESHOLDS.items()]
    filling = Policy(metric="disk", kind=PolicyKind.FORECAST, warning=100.0)
    return [*thresholds, Policy(metric=OFFLINE), filling, clock_policy()]


def clock_policy() -> Policy:
    """Return the policy on wrong clocks. A right one is within a minute."""
    minute = timedelta(minutes=1)
    return Policy(
        metric=CLOCK,
        warning=FUTURE_TOLERANCE.total_seconds(),
        sustained_for=minute,
        clear_margin=0.0,
        clear_for=minute,
    )


def ranked(policies: Iterable[Policy], server: Server) -> dict[WatchKey, list[Policy]]:
    """Return all that cover *server*, by what they watch: the one that applies, then those that it overrides.

    The most specific comes first; of several for tags, the oldest. One for a check goes before one for its host.
    """
    found: dict[str, list[Policy]] = {}
    for policy in sorted(policies, key=lambda each: (-each.scope.rank, each.scope.server_id != server.id, each.id)):
        if policy.scope.covers(server):
            found.setdefault(policy.key, []).append(policy)
    return found
