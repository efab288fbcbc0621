"""Policies: what of a metric alerts, the servers they cover, when an alert may clear, and what to do then."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, NewType, cast, get_args, get_type_hints

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server, ServerId, checked_tags
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.intake.samples import METRIC_NAME
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Rule, can_clear, default_clear_margin, less
from monitor.domain.text import has_control_characters
from monitor.domain.times import MICROSECOND

PolicyId = NewType("PolicyId", int)

OFFLINE = "offline"
"""Metric of the policy on hosts that stop reporting. It has no thresholds."""
CLOCK = "clock_error"
"""Metric of the policy on hosts whose clock is wrong: by how many seconds. No sample has it."""
DRILL = "drill"
"""Metric of alerts that somebody raises to see whom they reach. No policy watches it."""
LONGEST = timedelta(days=7)
# DEFAULT_THRESHOLDS of the seed: warning and critical, in percent.
DEFAULT_THRESHOLDS = {"cpu": (70.0, 85.0), "memory": (80.0, 90.0), "disk": (85.0, 95.0)}
DEFAULT_SUSTAINED_FOR = timedelta(minutes=5)
DEFAULT_CLEAR_MARGIN: Final = cast("float", None)
"""Policy replaces it by the default margin of its metric and thresholds; hence the type."""
DEFAULT_CLEAR_FOR = timedelta(minutes=1)
LONGEST_NOTE = 5000
_LINES = {ord(character): " " for character in "\n\r\t"}
WITHOUT_SAMPLES = (OFFLINE, CLOCK, DRILL, "check_in")
"""Metrics that no sample has: their alerts follow reports and pings."""


class Direction(StrEnum):
    ABOVE = "above"
    BELOW = "below"


WatchKey = str
"""What one policy watches on a server: a metric, and its kind unless that is the usual one (`PolicyKind.key_of`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Fields that only policies of some kinds have; None for the others."""

    over: timedelta | None = None
    within: timedelta | None = None
    days: int | None = None
    beyond: float | None = None
    level: Level | None = None


OWN_FIELDS: Mapping[str, type] = {name: get_args(hint)[0] for name, hint in get_type_hints(Options).items()}
"""The types of their values, by name."""


class PolicyKind:
    """How policies compare: with thresholds, unless a kind overrides it. One object for all policies of a kind.

    *name*: in tables, files and the API. *options*: its own fields: default, least and greatest value.
    *has_thresholds*: neighbours differ in them. *needs_samples*: it watches only what samples have. *model*: the
    class of its model of a series; None: it compares each value alone. *learns_hours*: the model learns the extremes of
    whole hours, not samples. *expects*: it says when a threshold will be reached.
    """

    name: ClassVar[str]
    options: ClassVar[Mapping[str, tuple[Any, Any, Any]]] = {}
    has_thresholds: ClassVar[bool] = True
    needs_samples: ClassVar[bool] = True
    model: ClassVar[type[Any] | None] = None
    learns_hours: ClassVar[bool] = False
    expects: ClassVar[bool] = False

    def __repr__(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        """Return what tells it from the usual kind: its name."""
        return self.name

    def key_of(self, metric: str) -> WatchKey:
        """Return the key of policies, states and alerts on one server. No metric's name has an @."""
        return f"{metric}@{self.mark}" if self.mark else metric

    def rule(self, policy: "Policy") -> Rule:
        """Return what the engine compares with."""
        # No value reaches an absent threshold.
        critical = math.inf if policy.critical is None else policy.sign * policy.critical
        warning = critical if policy.warning is None else policy.sign * policy.warning
        return Rule(
            sign=policy.sign,
            warning=warning,
            critical=critical,
            clear_below=less(min(warning, critical), policy.clear_margin),
            calm_below=less(critical, policy.clear_margin),
            sustained_for=policy.sustained_for // MICROSECOND,
            clear_for=policy.clear_for // MICROSECOND,
            has_warning=policy.warning is not None,
        )

    def problems(self, policy: "Policy") -> dict[str, Problem]:
        """Return what is wrong with all but the limits of its options."""
        if not policy.thresholds:
            return {"critical": Problem("threshold_required")}
        if not all(map(math.isfinite, policy.thresholds)):
            return {"critical": Problem("not_finite")}
        first, *last = policy.thresholds
        return {"critical": Problem("critical_beyond_warning")} if last and policy.sign * (last[0] - first) <= 0 else {}

    def usual_margin(self, policy: "Policy") -> float:
        if not self.has_thresholds or not all(map(math.isfinite, policy.thresholds)):
            return 0.0
        return default_clear_margin(policy.metric, policy.thresholds, above=policy.sign > 0)

    def reaches(self, policy: "Policy", hours: Sequence[tuple[int, int, float, float]]) -> Iterable[float]:
        """Return for each of *hours* (`past_hours.Hour`) a bound of what is compared in it, times the rule's sign."""
        return [hour[3] for hour in hours] if policy.sign > 0 else [-hour[2] for hour in hours]

    def lead(self, policy: "Policy") -> int:
        """Return how long samples come before all that is compared is known, in microseconds."""
        return 0

    def described(self, policy: "Policy") -> str:
        """Return its own fields, for the audit log."""
        return ""


class _Threshold(PolicyKind):
    name = "threshold"
    mark = ""  # the usual kind
    needs_samples = False


THRESHOLD = _Threshold()


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
class Policy(Options):
    """When a metric fires. Either threshold may be absent. A disabled policy switches its metric off in its scope.

    *kind*: how it compares. *note*: what to do, in Markdown. *escalation_id*: who is notified; None: as the
    server's teams say, or the people linked to it.

    *changed_at*: when it was made, or last changed what it compares; it does not evaluate earlier samples. None: an
    older version stored it.
    """

    metric: str
    warning: float | None = None
    critical: float | None = None
    direction: Direction = Direction.ABOVE
    sustained_for: timedelta = DEFAULT_SUSTAINED_FOR
    clear_margin: float = DEFAULT_CLEAR_MARGIN
    clear_for: timedelta = DEFAULT_CLEAR_FOR
    scope: Scope = Scope()
    enabled: bool = True
    kind: PolicyKind = THRESHOLD
    note: str = ""
    escalation_id: EscalationId | None = None
    id: PolicyId = PolicyId(0)  # 0 until stored
    changed_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for name, (usual, _, _) in self.kind.options.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, usual)
        if self.clear_margin is DEFAULT_CLEAR_MARGIN:
            object.__setattr__(self, "clear_margin", self.kind.usual_margin(self))
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
        problems |= self._kind_problems()
        if problems:
            raise InvalidInput(problems)

    @property
    def key(self) -> WatchKey:
        return self.kind.key_of(self.metric)

    @property
    def thresholds(self) -> list[float]:
        return [value for value in (self.warning, self.critical) if value is not None]

    def threshold(self, level: Level) -> float | None:
        """Return the threshold that the value of an alert of *level* has reached."""
        return self.critical if level is Level.CRITICAL else self.warning

    @property
    def sign(self) -> float:
        """Values times it are bad if they are high."""
        return 1.0 if self.direction is Direction.ABOVE else -1.0

    @property
    def rule(self) -> Rule:
        """Return what the engine compares with; it is made anew each time."""
        return self.kind.rule(self)

    @property
    def margin_is_too_wide(self) -> bool:
        """True if no value could clear it. A margin of 0 is never too wide."""
        has_margin = bool(self.thresholds) and self.clear_margin != 0
        return has_margin and not can_clear(self.metric, self.thresholds, self.clear_margin, above=self.sign > 0)

    def _kind_problems(self) -> dict[str, Problem]:
        if self.metric == OFFLINE:
            problems = {"warning": Problem("not_for_offline")} if self.thresholds else {}
        else:
            problems = self.kind.problems(self)
        for name in OWN_FIELDS:
            value, (_, low, high) = getattr(self, name), self.kind.options.get(name, (None, None, None))
            if name not in self.kind.options and value is not None:
                problems[name] = Problem("of_another_kind")
            elif low is not None and not low <= value <= high:
                problems[name] = Problem("out_of_range", {"low": plain(low), "high": plain(high)})
        if self.kind.needs_samples and self.metric in WITHOUT_SAMPLES:
            problems["kind"] = Problem("needs_samples")
        return problems


def plain(limit: float | timedelta) -> float:
    """Return seconds, or a number, as an integer if it is one."""
    number = limit.total_seconds() if isinstance(limit, timedelta) else limit
    return int(number) if number == int(number) else number
