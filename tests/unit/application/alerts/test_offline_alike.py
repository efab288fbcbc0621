"""Live detection, past alerts and backtests find the same silences, and give their alerts the same values."""

from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.application.alerts.ports import AlertFilter
from monitor.application.hindsight.backtest import RunBacktest
from monitor.domain.alerts.alert import Alert, EventKind
from monitor.domain.fleet.servers import Server, Status
from monitor.domain.history.frames import frame_of
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.policies import OFFLINE, Policy
from monitor.domain.times import microseconds, moment
from tests.unit.alert_oracle import SECOND, Host, Report
from tests.unit.application.core import ROOT, Core

MICROSECOND = timedelta(microseconds=1)
# (what the gap is measured from, microseconds beyond it)
gaps = st.tuples(
    st.sampled_from(["15 s", "15 s", "15 s", "15 s", "60 s", "300 s", "allowed", "allowed"]),
    st.sampled_from([0, 0, 0, -1, 1, 30 * SECOND]),
)
declarations = st.sampled_from([15.0, 15.0, 15.0, 45.0, 120.0])
drawn_reports = st.lists(st.tuples(gaps, declarations), min_size=1, max_size=30) | st.lists(
    st.tuples(gaps, st.none()), min_size=1, max_size=8
)
offline_after = st.sampled_from([1.0, 45.0, 90.0, 90.000001, 200.0, 1000.0])


class Silence(NamedTuple):
    """Microseconds; *ended_at* None: it lasts. *value*: of its alert, in seconds, when it ended or now."""

    since: int
    fired_at: int
    ended_at: int | None
    value: float


class Past(NamedTuple):
    """*limits*: from when on the host was offline that sent no report after each of *reports*."""

    reports: list[Report]
    limits: list[int]
    now: int


def past_of(start: int, drawn: list[tuple[tuple[str, int], float | None]], allowed_least: float) -> Past:
    """Expected by the documentation: the longer of the setting and three intervals, if these are known."""
    host, limits, at = Host(), list[int](), start
    limit = start
    for (kind, beyond), declared in drawn:
        steps = {"15 s": at + 15 * SECOND, "60 s": at + 60 * SECOND, "300 s": at + 300 * SECOND, "allowed": limit}
        at = max(at + 1, steps[kind] + beyond)
        host.takes(Report(at, None, declared))
        limit = at + int(max(round(allowed_least * SECOND), host.longest_silence(at)))
        limits.append(limit)
    return Past(host.reports[:-1], limits[:-1], at)


def expected(past: Past) -> list[Silence]:
    found = []
    ends = [*(report.at for report in past.reports[1:]), None]
    for report, limit, ended_at in zip(past.reports, past.limits, ends, strict=True):
        until = past.now if ended_at is None else ended_at
        if until > limit:
            found.append(Silence(report.at, limit, ended_at, (until - report.at) / SECOND))
    return found


def core_of(configured: float, chosen: float | None) -> tuple[Core, Server]:
    core = Core(offline_after=timedelta(seconds=configured))
    with core.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE))
        if chosen is not None:
            uow.preferences.save({"offline_after": chosen})
        uow.commit()
    return core, core.server()


def sample(server: Server, report: Report) -> Sample:
    at = moment(report.at)
    return Sample(server.id, at, at, 1.0, 1.0, 1.0, interval=report.declared)


def go_to(core: Core, at: int) -> datetime:
    core.clock.advance(moment(at) - core.clock.now())
    return core.clock.now()


def live(core: Core, server: Server, past: Past) -> list[Silence]:
    """Search at every limit, and one microsecond later."""
    for report, limit, following in zip(
        past.reports, past.limits, [*(r.at for r in past.reports[1:]), past.now], strict=True
    ):
        go_to(core, report.at)
        core.store_samples([sample(server, report)])
        for at in (limit, limit + 1):
            if at <= following:
                go_to(core, at)
                assert bool(core.detect_offline()) is (at > limit)
        go_to(core, following)
    core.fleet.refresh()
    now = core.clock.now()
    return [
        alert_silence(alert.present(core.fleet.live.get(alert.server_id), now), alert.fired_at - MICROSECOND)
        for alert in stored_alerts(core)
    ]


def alert_silence(alert: Alert, fired_at: datetime) -> Silence:
    ended_at = None if alert.resolved_at is None else microseconds(alert.resolved_at)
    assert alert.peak_value == alert.value or alert.is_open
    return Silence(microseconds(alert.started_at), microseconds(fired_at), ended_at, alert.value)


def stored_alerts(core: Core) -> list[Alert]:
    shown = core.store.queries.alerts.newest(ROOT, AlertFilter(limit=1000))
    return sorted((each.alert for each in shown), key=lambda alert: alert.fired_at)


def fired_values(core: Core) -> list[float | None]:
    timelines = [core.store.queries.alerts.get(ROOT, alert.id)[1] for alert in stored_alerts(core)]
    return [entry.value for timeline in timelines for entry in timeline if entry.event_kind is EventKind.FIRED]


def backtested(core: Core) -> list[Silence]:
    run = RunBacktest(core.store.queries, core.fleet, core.clock, core.offline_after)
    policy = Policy(metric=OFFLINE)
    found = run(ROOT, policy, 30, run.servers(ROOT, policy), lambda _: None)
    since = sorted(microseconds(each.recorded_at) for each in core.stored_samples())
    return [
        Silence(max(at for at in since if at < each.fired_at), each.fired_at, each.ended_at, each.value)
        for each in sorted(found.alerts, key=lambda each: each.fired_at)
    ]


def written_afterwards(core: Core, server: Server, past: Past, together: int) -> tuple[list[Silence], bool]:
    """As a simulation writes it, and whether the host is offline in the end."""
    (watcher,) = core.past_alerts.watch([server], core.fleet.directory.rules.policies.all)
    samples = [sample(server, report) for report in past.reports]
    for first in range(0, len(samples), together):
        watcher.see(frame_of(samples[first : first + together]), timedelta(0))
    core.past_alerts.keep([watcher])
    silences = [alert_silence(alert, alert.fired_at) for alert in stored_alerts(core)]
    return silences, watcher.is_offline(moment(past.now))


@given(drawn_reports, offline_after, st.none() | offline_after, st.sampled_from([1, 3, 40]))
@example([(("15 s", 0), 15.0), (("allowed", 0), 15.0), (("allowed", 1), 15.0), (("allowed", 1), 15.0)], 90.0, None, 1)
def test_all_find_the_same_offline_periods(drawn, configured, chosen, together):
    core, server = core_of(configured, chosen)
    start = microseconds(core.clock.now())
    past = past_of(start, drawn, configured if chosen is None else chosen)
    if not past.reports:
        return
    silences = expected(past)
    assert live(core, server, past) == silences
    is_offline = core.fleet.live[server.id].status is Status.OFFLINE
    assert is_offline is any(each.ended_at is None for each in silences)
    assert backtested(core) == silences

    afterwards, same_server = core_of(configured, chosen)
    ended = [each for each in silences if each.ended_at is not None]
    assert written_afterwards(afterwards, same_server, past, together) == (ended, is_offline)

    # Each moment has its value: live it is noticed a microsecond after the limit.
    assert fired_values(afterwards) == [(each.fired_at - each.since) / SECOND for each in ended]
    assert fired_values(core) == [(each.fired_at + 1 - each.since) / SECOND for each in silences]
