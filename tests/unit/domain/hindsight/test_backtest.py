"""A backtest is the live engine on the same samples: samples that it skips for speed change nothing."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.alert import AlertId, EventKind, timeline_entry
from monitor.domain.alerts.anew import AlertFold
from monitor.domain.alerts.engine import State, edges, next_change, observe
from monitor.domain.alerts.fold import Course, Fold, course_of
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.backtest import Past
from monitor.domain.hindsight.neighbours import neighbours
from monitor.domain.hindsight.past_hours import Hour, PastHours
from monitor.domain.hindsight.replayed_alerts import Found, ReplayedAlert, firing_seconds, per_day
from monitor.domain.history.frames import DECLARED, Frame, concatenated, cut
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.intervals import Intervals, longest_gap
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import OFFLINE, Direction, Policy
from monitor.domain.policies.series_models import Extremes, model_of
from monitor.domain.times import SECOND
from tests.unit.alert_histories import as_stored, random_courses, random_days, random_forecast, random_range
from tests.unit.domain.alerts.test_alert_engine import CPU, GAP, policies, values

WEB = ServerId(1)
DAY = 86400 * SECOND
NOON = 21_990 * DAY + DAY // 2
OFFLINE_AFTER = timedelta(seconds=90)

steps = st.sampled_from([15, 15, 15, 15, 15, 45, 45.000001, 60, 60, 200, 0.000001, 40_000])
histories = st.lists(st.tuples(steps, values), max_size=80).map(
    lambda drawn: [
        (NOON + sum(round(step * SECOND) for step, _ in drawn[: index + 1]), value)
        for index, (_, value) in enumerate(drawn)
    ]
)
intervals = st.sampled_from([None, None, 15.0, 60.0])
_KINDS = [(random_forecast, random_courses), (random_range, random_days)]


@st.composite
def forecasts_and_ranges(draw):
    """A policy that looks at more than each value, and a history with values on its edges; some lack the metric."""
    random, (policy, course) = draw(st.randoms(use_true_random=False)), draw(st.sampled_from(_KINDS))
    chosen = policy(random)
    reports = as_stored(course(random, chosen, are_complete=draw(st.booleans())))
    return chosen, [(report.at, report.value) for report in reports]


cases = st.one_of(st.tuples(policies, histories), forecasts_and_ranges())


def frame(history, interval: float | None = None, metric: str = "cpu") -> Frame:
    return Frame(
        [at for at, _ in history],
        {metric: [value for _, value in history], DECLARED: [interval] * len(history)},
    )


class WholeHours(PastHours):
    """A history in memory, in hours of so many *seconds*, whose bounds are known or not."""

    def __init__(self, whole: Frame, metric: str = "cpu", seconds: float = 3600, *, knows_bounds: bool = True) -> None:
        self._parts = [whole.part(place) for _, place in cut(whole.times, round(seconds * SECOND))]
        self.hours = [self._hour(part, metric, knows_bounds) for part in self._parts]

    def _hour(self, part: Frame, metric: str, knows_bounds: bool) -> Hour:
        held = [value for value in part.column(metric) if value is not None]
        bounds = () if not knows_bounds else (min(held), max(held)) if held else (inf, -inf)
        return Hour(part.times[0], len(part), *bounds)

    def frame(self, first: int, last: int) -> Frame:
        return concatenated(self._parts[first:last])


def past(history: PastHours, start=NOON, now=NOON + 400 * DAY, hours_before=()) -> Past:
    return Past(WEB, history, start, now, OFFLINE_AFTER, timedelta(hours=4), hours_before)


def found(policy, history, interval=None, start=NOON, now=NOON + 400 * DAY) -> Found:
    hours = WholeHours(frame(history, interval, policy.metric), policy.metric)
    return past(hours, start, now).backtest([policy])[0]


def every_sample(policy, history, interval) -> list[ReplayedAlert]:
    """Each sample through the engine, none passed over."""
    rule, state, alerts, outlook = policy.rule, State(), [], model_of(policy)
    for place, (at, value) in enumerate(history):
        if value is None:
            continue
        gap = longest_gap(interval, [time for time, _ in history[: place + 1]])
        sight = None if outlook is None else outlook.see(at, value)
        known = (None, None) if sight is None else (sight.compared, sight.middle)
        state, event = observe(rule, state, at, value, gap, *known)
        if event is not None and event.change is Change.FIRED:
            alerts.append(ReplayedAlert(server_id=WEB, level=event.level, fired_at=at, ended_at=None, value=value))
        elif event is not None and event.change is Change.ESCALATED:
            alerts[-1] = replace(alerts[-1], level=event.level)
        elif event is not None and event.change is Change.RESOLVED:
            alerts[-1] = replace(alerts[-1], ended_at=at)
        if state.worst is not None and (state.level or alerts[-1].ended_at == at):
            alerts[-1] = replace(alerts[-1], value=state.worst)
    return alerts


@given(cases, intervals)
def test_it_is_the_live_engine_on_every_sample(case, interval):
    policy, history = case
    assert every_sample(policy, history, interval) == found(policy, history, interval).alerts


@given(policies, histories, st.lists(st.booleans(), min_size=80, max_size=80))
def test_the_interval_of_a_metric_that_comes_and_goes_is_that_of_all_samples(policy, history, has_metric):
    sparse = [(at, value if has else None) for (at, value), has in zip(history, has_metric, strict=False)]
    assert every_sample(policy, sparse, None) == found(policy, sparse).alerts


def course(policy, history) -> Course:
    times, values = [at for at, _ in history], [value for _, value in history]
    found = course_of(Intervals(times, [15.0] * len(times)), values)
    outlook = model_of(policy)
    found.sights = None if outlook is None else outlook.along(times, values)
    return found


@given(cases, st.lists(st.integers(0, 80), max_size=5))
def test_a_history_in_parts_is_folded_as_in_one_piece(case, cuts):
    policy, history = case
    whole, parts = Fold(policy), Fold(policy)
    places = [0, *sorted(min(cut, len(history)) for cut in cuts), len(history)]
    seen = course(policy, history)
    events = [event for first, last in itertools.pairwise(places) for event in parts.feed(seen.part(first, last))]
    assert (list(whole.feed(seen)), whole.state) == (events, parts.state)


@given(cases, st.integers(0, 80))
def test_events_are_grouped_by_alert_and_one_that_fired_before_keeps_its_start(case, cut):
    policy, history = case
    times, values = [at for at, _ in history], [value for _, value in history]
    intervals = Intervals(times, [15.0] * len(times))
    whole, parts = AlertFold(WEB, policy), AlertFold(WEB, policy)
    whole.see(intervals, values, 0)
    parts.see(Intervals(times[:cut], [15.0] * len(times[:cut])), values[:cut], 0)
    parts.see(intervals, values[cut:], min(cut, len(times)))
    assert whole.alerts == parts.alerts
    assert all(found.timeline[0].event_kind is EventKind.FIRED for found in whole.alerts)
    assert all(found.timeline[-1].event_kind is EventKind.RESOLVED for found in whole.ended)
    events = [timeline_entry(AlertId(0), event) for event in Fold(policy).feed(course(policy, history))]
    assert [entry for found in whole.alerts for entry in found.timeline] == events


@given(policies, histories, st.integers(0, 80))
def test_samples_before_the_next_change_leave_the_state_as_it_is(policy, history, cut):
    """Samples on the same side of every threshold as the last, before then, without a gap, and no worse."""
    rule, state = policy.rule, State()
    for at, value in history[:cut]:
        state, _ = observe(rule, state, at, value, GAP)
    if state.seen is None or not cut:
        return
    value, at = history[min(cut, len(history)) - 1][1], state.seen + 15 * SECOND
    after, event = observe(rule, state, at, value, GAP)
    if at < next_change(rule, state):
        assert (after, event) == (state._replace(seen=at), None)
    assert any(low <= value * rule.sign < high for low, high in zip(edges(rule), edges(rule)[1:], strict=False))


@given(policies, histories, intervals)
def test_days_and_seconds_are_counted(policy, history, interval):
    alerts = found(policy, history, interval).alerts
    until = history[-1][0] + DAY if history else NOON
    days = Counter(datetime.fromtimestamp(e.fired_at // SECOND, UTC).date().isoformat() for e in alerts)
    assert per_day(alerts) == days
    seconds = sum(((until if e.ended_at is None else e.ended_at) - e.fired_at) / SECOND for e in alerts)
    assert abs(firing_seconds(alerts, until) - seconds) < 1e-3


@given(cases, intervals, st.integers(0, 80))
def test_alerts_that_fire_when_the_window_begins_are_counted_separately(case, interval, cut):
    policy, history = case
    start = history[cut][0] if cut < len(history) else NOON + 300 * DAY
    everything = found(policy, history, interval).alerts
    within = found(policy, history, interval, start)
    assert within.alerts == [alert for alert in everything if alert.fired_at >= start]
    before = [e for e in everything if e.fired_at < start and (e.ended_at is None or e.ended_at >= start)]
    assert (within.already is not None) is bool(before)


@given(cases, intervals, st.integers(0, 80), st.integers(0, 80))
def test_a_long_enough_past_gives_the_result_of_the_whole_past(case, interval, cut, begin):
    """Wherever it begins, and whatever fired then. A range knows whole hours before. Only how many messages and
    reminders the quiet rule leaves depends on alerts of which a short past knows nothing."""
    policy, history = case
    if cut >= len(history):
        return
    start, now = history[cut][0], NOON + 400 * DAY
    since = history[min(begin, cut)][0]
    if policy.kind is RANGE:
        since -= since % HOUR
    before = [Extremes(at - at % HOUR, value, value) for at, value in history if at < since and value is not None]
    short = past(WholeHours(frame([each for each in history if each[0] >= since], interval)), start, now, before)
    if not short.unknown([policy]):
        [backtest], expected = short.backtest([policy]), found(policy, history, interval, start)
        if any(alert.fired_at < start for alert in found(policy, history, interval).alerts):
            backtest.messages, backtest.reminders = expected.messages, expected.reminders
        assert backtest == expected


@given(st.lists(steps, min_size=20, max_size=60), intervals, st.integers(11, 60), st.integers(0, 20))
def test_a_past_of_some_samples_shows_whether_a_host_was_offline(drawn, interval, cut, begin):
    policy, times = Policy(metric=OFFLINE), {NOON + sum(map(round, drawn[:n])) * SECOND for n in range(len(drawn))}
    history = [(at, 1.0) for at in sorted(times)]
    if cut >= len(history):
        return
    start, now = history[cut][0] - 5 * SECOND, history[-1][0] + DAY
    short = past(WholeHours(frame(history[begin:], interval, OFFLINE), OFFLINE), start, now)
    if not short.unknown([policy]):
        assert short.backtest([policy])[0] == found(policy, history, interval, start, now)


@given(cases, intervals, st.sampled_from([0.5, 60, 600, 3600]), st.integers(0, 80), st.booleans())
def test_hours_that_are_passed_over_change_nothing(case, interval, seconds, cut, knows_bounds):
    """Against the history in one piece whose values are not known before it is read; also for several policies."""
    policy, history = case
    start = history[cut][0] if cut < len(history) else NOON
    tried = [policy, *(each for each, _ in neighbours(policy, None)[1:])]
    parts = WholeHours(frame(history, interval), seconds=seconds, knows_bounds=knows_bounds)
    whole = WholeHours(frame(history, interval), seconds=1e9, knows_bounds=False)
    alone = [past(whole, start).backtest([each])[0] for each in tried]
    together = past(parts, start).backtest(tried)
    assert together[0] == alone[0]
    assert together == [replace(each, alerts=[]) if place else each for place, each in enumerate(alone)]


MINUTE = 60 * SECOND
FULL = Policy(metric="cpu", kind=FORECAST, warning=100.0, over=timedelta(hours=2), within=timedelta(hours=8))


def test_a_forecast_sees_hours_without_a_breach():
    """Half of two hours have to be known, and a breach has to last five minutes."""
    history = [(NOON + n * MINUTE, round(50 + n / 10, 1)) for n in range(180)]
    assert list(found(FULL, history, 60.0).fired) == [NOON + 65 * MINUTE]


def test_of_a_forecast_nothing_is_sure_before_the_whole_line_is_known():
    """Though it is quiet as soon as half of the line is."""
    for minutes, is_known in ((135, False), (145, True)):
        history = [(NOON + n * MINUTE, 50.0) for n in range(200)]
        unknown = past(WholeHours(frame(history, 60.0)), NOON + minutes * MINUTE).unknown([FULL])
        assert unknown == ([] if is_known else [FULL])


def test_a_range_knows_the_hours_before_the_history():
    policy = Policy(metric="cpu", kind=RANGE, days=1, sustained_for=timedelta(0))
    begin = NOON + 40 * HOUR
    history = [(begin + n * MINUTE, 50.0 if n < 60 else 90.0) for n in range(70)]
    before = [Extremes(NOON + n * HOUR, 40.0, 60.0) for n in range(40)]
    short = past(WholeHours(frame(history, 60.0)), begin + 30 * MINUTE, hours_before=before)
    assert short.unknown([policy]) == []
    assert list(short.backtest([policy])[0].fired) == [begin + 60 * MINUTE]
    assert list(past(WholeHours(frame(history, 60.0))).backtest([policy])[0].fired) == []


def test_only_hours_that_matter_are_read():
    """Two hours of 24 have breaches: these, the next ones, and for the interval the ones before."""
    history = [(NOON + n * 60 * SECOND, 90.0 if n // 60 in (5, 15) else 10.0) for n in range(24 * 60)]
    hours = WholeHours(frame(history, 60.0))
    read: set[int] = set()
    hours.frame = lambda first, last: read.update(range(first, last)) or concatenated(hours._parts[first:last])  # type: ignore[method-assign, func-returns-value]
    assert past(hours).backtest([CPU])[0].total == 2
    assert read == {4, 5, 6, 14, 15, 16}


def test_an_undeclared_interval_is_searched_for_further_back():
    """It was declared in the first hour: a gap of two minutes interrupts nothing."""
    declared = [60.0] * 60 + [None] * 240
    times = [NOON + n * 60 * SECOND for n in range(240)] + [NOON + (240 + 2 * n) * 60 * SECOND for n in range(60)]
    values = [10.0] * 240 + [90.0] * 60
    hours = WholeHours(Frame(times, {"cpu": values, DECLARED: declared}))
    assert list(past(hours).backtest([CPU])[0].fired) == [times[240] + 360 * SECOND]


def test_escalations_and_ends_within_an_hour_are_counted():
    """Fires twice: for an hour with two escalations, and for longer."""
    minutes = [75] * 10 + [90] * 10 + [75] * 10 + [90] * 10 + [75] * 20 + [10] * 10 + [75] * 61 + [10]
    history = [(NOON + n * 60 * SECOND, float(value)) for n, value in enumerate(minutes)]
    policy = replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0))
    outcome = found(policy, history, 60.0)
    assert (outcome.total, outcome.escalations, outcome.ended_within_hour) == (2, 2, 1)


def test_below_is_a_direction_too():
    policy = replace(CPU, direction=Direction.BELOW, warning=20.0, critical=10.0, sustained_for=timedelta(0))
    history = [(NOON, 30.0), (NOON + 15 * SECOND, 20.0), (NOON + 30 * SECOND, 10.0)]
    assert found(policy, history, 15.0).alerts == [
        ReplayedAlert(server_id=WEB, level=Level.CRITICAL, fired_at=NOON + 15 * SECOND, ended_at=None, value=10.0)
    ]


def offline(times, interval, until) -> list[ReplayedAlert]:
    history = [(NOON + round(at * SECOND), 1.0) for at in times]
    return found(Policy(metric=OFFLINE), history, interval, now=NOON + round(until * SECOND)).alerts


def test_offline_periods_have_their_begin_and_end():
    (alert,) = offline([0, 15, 105, 195.000001, 210], 15.0, 300)
    assert (195 * SECOND + NOON, round(195.000001 * SECOND) + NOON) == (alert.fired_at, alert.ended_at)


def test_a_host_that_is_offline_now_has_an_alert_without_an_end():
    (alert,) = offline([0], 60.0, 181)
    assert (NOON + 180 * SECOND, None) == (alert.fired_at, alert.ended_at)


def test_a_host_that_is_offline_when_the_window_begins_is_counted_separately():
    history = [(NOON + at * SECOND, 1.0) for at in (0, 15, 600, 615)]
    within = found(Policy(metric=OFFLINE), history, 15.0, NOON + 300 * SECOND, NOON + 630 * SECOND)
    assert (within.total, within.already is not None) == (0, True)


def test_the_value_of_an_offline_period_is_its_length_in_seconds():
    assert [100.0, 285.0] == [alert.value for alert in offline([0, 15, 115], 15.0, 400)]


def test_an_undeclared_interval_counts_for_offline_periods():
    times = [0, 60, 120, 180, *range(300, 1600, 120)]
    assert offline(times, None, times[-1] + 360) == []
    (alert,) = offline(times, None, times[-1] + 361)
    assert NOON + (times[-1] + 360) * SECOND == alert.fired_at


def test_an_interval_slower_than_declared_counts_for_offline_periods():
    times = list(range(0, 3600, 300))
    assert offline(times, 15.0, times[-1] + 900)[3:] == []
    assert offline(times, 15.0, times[-1] + 901)[-1].fired_at == NOON + (times[-1] + 900) * SECOND
