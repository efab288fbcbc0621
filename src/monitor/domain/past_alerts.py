"""What the engine would have made of a history had it been there: whole alerts, with their timelines.

A backtest counts them for one policy; this keeps them, for all that watches a server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import sub

from monitor.domain.alert_engine import (
    Event,
    Level,
    Rule,
    State,
    longest_gap,
    microseconds,
    moment,
    observe,
    rule_of,
)
from monitor.domain.alerts import Alert, AlertId, AlertState, Happening, TimelineEntry, threshold
from monitor.domain.history.frames import Frame, Values
from monitor.domain.liveness import silence_allowed
from monitor.domain.policies import OFFLINE, Policy
from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlert:
    """The id of *alert* is 0 for one that is not stored yet; *timeline* holds what happened since it was."""

    alert: Alert
    timeline: tuple[TimelineEntry, ...] = ()

    def changed(self, event: Event, policy: Policy) -> "PastAlert":
        alert = self.alert.changed(event, threshold(policy, event.level))
        return PastAlert(alert=alert, timeline=(*self.timeline, _entry(alert.id, event)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is pending, or firing with *past*."""

    state: State
    past: PastAlert | None = None


@dataclass(slots=True)
class Watcher:
    """One server's samples, in order, against its *policies* (by metric). *interval* is in seconds.

    *standing* (by metric) is what a history before this one left, and *last_report_at* its end.
    """

    server_id: ServerId
    policies: Mapping[str, Policy]
    interval: float
    offline_after: timedelta
    standing: dict[str, Standing] = field(default_factory=dict)
    last_report_at: datetime | None = None
    closed: list[PastAlert] = field(default_factory=list)
    _rules: list[tuple[str, Rule, float]] = field(init=False)
    _gap: int = field(init=False)
    _silence: timedelta = field(init=False)

    def __post_init__(self) -> None:
        rules = [(metric, rule_of(policy)) for metric, policy in self.policies.items() if metric != OFFLINE]
        self._rules = [(metric, rule, min(rule.warning, rule.critical)) for metric, rule in rules]
        self._gap = longest_gap(self.interval, ())
        self._silence = silence_allowed(self.offline_after, self.interval)

    def see(self, sample: Sample) -> None:
        self._note_silence(sample.received_at)
        for watched in self._rules:
            self._weigh(*watched, microseconds(sample.recorded_at), sample.metric(watched[0]))

    def see_all(self, frame: Frame, late: timedelta) -> None:
        """As `see` for each, *late* after it was recorded. Most hours are idle, and are looked at as a whole."""
        times, columns = frame.times, [(watched, frame.column(watched[0])) for watched in self._rules]
        columns = [(watched, values) for watched, values in columns if self._may_matter(*watched, values)]
        self._note_silence(moment(times[0]) + late)
        longest = max(map(sub, times[1:], times), default=0)
        if columns or moment(longest) - moment(0) > self._silence:
            for place, at in enumerate(times):
                self._note_silence(moment(at) + late)
                for watched, values in columns:
                    self._weigh(*watched, at, values[place])
        self.last_report_at = moment(times[-1]) + late

    def _may_matter(self, metric: str, rule: Rule, floor: float, values: Values) -> bool:
        held = [value for value in values if value is not None]
        return bool(held) and (metric in self.standing or max(max(held) * rule.sign, min(held) * rule.sign) >= floor)

    def _weigh(self, metric: str, rule: Rule, floor: float, at: int, value: float | None) -> None:
        # Most samples are idle and stay so, and cost no more than this.
        if value is not None and (value * rule.sign >= floor or metric in self.standing):
            self._observe(metric, rule, at, value)

    def _observe(self, metric: str, rule: Rule, at: int, value: float) -> None:
        before = self.standing.get(metric)
        state, event = observe(rule, before.state if before else State(), at, value, self._gap)
        past = before.past if before else None
        if event is not None:
            policy = self.policies[metric]
            past = self._fired(policy, state, event) if past is None else past.changed(event, policy)
        if past is not None and not past.alert.is_open:
            self.closed.append(past)
            past = None
        if state.is_idle:
            self.standing.pop(metric, None)
        else:
            self.standing[metric] = Standing(state=state, past=past)

    def _fired(self, policy: Policy, state: State, event: Event) -> PastAlert:
        since = state.critical_since if event.level is Level.CRITICAL else state.warning_since
        alert = Alert(
            server_id=self.server_id,
            policy_id=policy.id,
            metric=policy.metric,
            level=event.level,
            value=event.value,
            threshold=threshold(policy, event.level),
            started_at=moment(event.at if since is None else since),
            fired_at=moment(event.at),
        )
        return PastAlert(alert=alert, timeline=(_entry(alert.id, event),))

    def _note_silence(self, received_at: datetime) -> None:
        before, self.last_report_at = self.last_report_at, received_at
        policy = self.policies.get(OFFLINE)
        if before is None or policy is None:
            return
        if received_at - before <= (allowed := self._silence):
            return
        alert = Alert(
            server_id=self.server_id,
            policy_id=policy.id,
            metric=OFFLINE,
            level=Level.CRITICAL,
            value=allowed.total_seconds(),
            threshold=None,
            started_at=before,
            fired_at=before + allowed,
            state=AlertState.RESOLVED,
            resolved_at=received_at,
        )
        times = ((Happening.FIRED, alert.fired_at), (Happening.RESOLVED, received_at))
        timeline = tuple(
            TimelineEntry(alert_id=alert.id, at=at, happening=what, level=alert.level, value=alert.value)
            for what, at in times
        )
        self.closed.append(PastAlert(alert=alert, timeline=timeline))


def _entry(alert_id: AlertId, event: Event) -> TimelineEntry:
    happening = Happening(event.change.value)
    return TimelineEntry(
        alert_id=alert_id, at=moment(event.at), happening=happening, level=event.level, value=event.value
    )
