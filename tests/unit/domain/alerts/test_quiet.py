"""People hear of two alerts of a metric, then of one a day, of what is worse, and of what lasts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import DAY, MINUTE, MOST_HELD, Acknowledged, Notice, Quiet, Why
from monitor.domain.alerts.quiet_replay import Replay
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event

HOUR = 60 * MINUTE
WARNING, CRITICAL = Level.WARNING, Level.CRITICAL
FIRED, UP, DOWN, ENDED = Change.FIRED, Change.ESCALATED, Change.DEESCALATED, Change.RESOLVED
LONG = 90 * DAY


def event(change: Change, minute: float, level: Level = WARNING) -> Event:
    return Event(change, level, round(minute * MINUTE), 0.0)


def alert(minute: float, lasts: float, level: Level = WARNING) -> list[Event]:
    return [event(FIRED, minute, level), event(ENDED, minute + lasts, level)]


def replay(events, *, until: int, **how) -> list[Notice]:
    return Replay(**how).heard(events, until)


def heard(events, **how) -> list[tuple[float, str]]:
    """Return when people hear of something, in minutes, and why."""
    how = {"until": LONG} | how
    return [(notice.at / MINUTE, str(notice.why)) for notice in replay(events, **how)]


def test_two_alerts_of_a_stretch_are_notified_of_with_their_ends_and_the_third_is_held() -> None:
    events = alert(0, 5) + alert(30, 5) + alert(60, 5)
    assert heard(events) == [(0, "first"), (5, "ended"), (30, "second"), (35, "ended")]


def test_hourly_spikes_are_one_a_day_and_a_plateau_is_heard_of_within_the_hour() -> None:
    spikes = [each for hour in range(72) for each in alert(60 * hour, 5)]
    plateau = [event(FIRED, 72 * 60)]
    found = heard(spikes + plateau)
    begun = [each for each in found if each[1] != "ended"]
    assert begun == [
        (0, "first"),
        (60, "second"),
        (60 + 24 * 60, "daily"),
        (60 + 48 * 60, "daily"),
        (72 * 60 + 15, "lasted"),
    ]


def test_an_alert_waits_twice_the_longest_of_the_day_between_15_and_60_minutes() -> None:
    for lasted, waits in ((1, 15), (10, 20), (29, 58), (31, 60), (300, 60)):
        begun = 30 + lasted + 30
        events = [*alert(0, 5), *alert(30, lasted), event(FIRED, begun)]
        assert heard(events)[-1] == (begun + waits, "lasted")


def test_what_ended_a_day_ago_makes_nothing_wait() -> None:
    events = [*alert(0, 30), *alert(60, 1), *alert(1000, 1), event(FIRED, 30 + 24 * 60)]
    assert heard(events)[-1] == (30 + 24 * 60 + 15, "lasted")


def test_alerts_are_counted_by_level_and_not_twice_if_they_escalate() -> None:
    warnings = alert(0, 5) + alert(30, 5)
    assert heard([*warnings, event(FIRED, 60, CRITICAL)])[-1] == (60, "higher")
    both = [event(FIRED, 0), event(UP, 1, CRITICAL), event(ENDED, 5, CRITICAL), event(FIRED, 30)]
    assert heard(both) == [(0, "first"), (1, "first"), (5, "ended"), (30, "second")]


def test_falling_back_and_rising_again_is_not_repeated() -> None:
    events = [event(FIRED, 0, CRITICAL), event(DOWN, 5), event(UP, 9, CRITICAL), event(ENDED, 20, CRITICAL)]
    assert heard(events) == [(0, "first"), (20, "ended")]


def test_a_held_escalation_waits_from_the_escalation() -> None:
    criticals = alert(0, 5, CRITICAL) + alert(30, 5, CRITICAL)
    events = [*criticals, *alert(60, 1), event(FIRED, 30 + 24 * 60 - 20), event(UP, 30 + 24 * 60 - 10, CRITICAL)]
    assert heard(events)[-1] == (30 + 24 * 60 - 5, "lasted")  # held since it fired
    events = [*criticals, event(FIRED, 24 * 60 + 30, WARNING), event(UP, 24 * 60 + 40, CRITICAL)]
    assert heard(events)[-2:] == [(24 * 60 + 30, "daily"), (24 * 60 + 40, "daily")]


def test_held_alerts_are_notified_of_when_they_add_up_to_four_hours() -> None:
    spikes = [each for n in range(40) for each in alert(20 * n, 14)]
    found = [each for each in replay(spikes, until=LONG) if each.why is not Why.ENDED]
    assert [each.why for each in found[:3]] == [Why.FIRST, Why.SECOND, Why.ADDED_UP]
    third = found[2]
    assert (third.held, third.held_from, third.held_longest) == (17, 40 * MINUTE, 14 * MINUTE)
    assert third.at == (40 + 17 * 20 + 2) * MINUTE  # 17 times 14 minutes, and 2


def test_acknowledging_stops_all_but_a_higher_level_and_quietens_no_later_alert() -> None:
    two = alert(0, 5) + alert(30, 5)
    held = [*two, event(FIRED, 60), Acknowledged(62 * MINUTE)]
    assert heard(held) == heard(two)
    assert heard([*held, event(UP, 500, CRITICAL)])[-1] == (500, "higher")
    later = [*held, event(ENDED, 70), event(FIRED, 100)]
    assert heard(later)[-1] == (120, "lasted")
    assert Quiet().acknowledged(0) == Quiet()


def test_what_was_held_before_an_acknowledgement_adds_up_no_more() -> None:
    events = alert(0, 5) + alert(30, 5)
    events += [each for n in range(16) for each in alert(60 + 20 * n, 14)]  # 224 minutes
    known = [*events, event(FIRED, 400), Acknowledged(401 * MINUTE), event(ENDED, 402)]
    assert heard([*events, event(FIRED, 500)])[-1] == (516, "added_up")
    assert heard([*known, event(FIRED, 500)])[-1] == (528, "lasted")


def test_a_calm_day_ends_the_stretch() -> None:
    events = alert(0, 5) + alert(30, 5) + alert(60, 5)
    assert heard(events + alert(65 + 24 * 60, 5))[-2:] == [(65 + 24 * 60, "first"), (70 + 24 * 60, "ended")]
    almost = events + alert(64.9 + 24 * 60, 5)
    assert heard(almost)[-2][1] == "daily"


def test_what_falls_due_while_the_host_is_offline_waits_for_it() -> None:
    events = [*alert(0, 5), *alert(30, 5), event(FIRED, 60)]
    offline = [OfflinePeriod(70 * MINUTE, 72 * MINUTE, 500 * MINUTE)]
    assert heard(events, offline=offline)[-1] == (500, "lasted")


def test_what_fell_due_before_the_report_that_ends_it_is_heard_of() -> None:
    offline = [OfflinePeriod(70 * MINUTE, 72 * MINUTE, 500 * MINUTE)]
    events = [*alert(0, 5), *alert(30, 5), *alert(60, 440)]
    assert heard(events, offline=offline)[-2:] == [(75, "lasted"), (500, "ended")]


LEVELS = st.sampled_from([WARNING, CRITICAL])
GAPS = st.one_of(st.integers(1, 90), st.sampled_from([15, 60, 24 * 60 - 1, 24 * 60, 24 * 60 + 1, 4 * 60]))


@st.composite
def histories(draw, *, acknowledges: bool = False) -> list[Event | Acknowledged]:
    """Return alerts of one metric, one after the other, that go up and down between the levels."""
    found: list[Event | Acknowledged] = []
    minute = 0
    for _ in range(draw(st.integers(1, 25))):
        minute += draw(GAPS)
        level = draw(LEVELS)
        found.append(event(FIRED, minute, level))
        for _ in range(draw(st.integers(0, 3))):
            minute += draw(GAPS)
            if acknowledges and draw(st.booleans()):
                found.append(Acknowledged(minute * MINUTE))
                continue
            level = WARNING if level is CRITICAL else CRITICAL
            found.append(event(UP if level is CRITICAL else DOWN, minute, level))
        minute += draw(GAPS)
        found.append(event(ENDED, minute, level))
    return found


def alerts_of(history) -> list[tuple[int, int]]:
    begun = [each.at for each in history if isinstance(each, Event) and each.change is FIRED]
    return list(
        zip(begun, (each.at for each in history if isinstance(each, Event) and each.change is ENDED), strict=True)
    )


@given(histories())
def test_no_alert_lasts_for_over_an_hour_without_a_notice(history) -> None:
    times = [notice.at for notice in replay(history, until=LONG) if notice.why is not Why.ENDED]
    for begun, ended in alerts_of(history):
        if ended - begun > HOUR:
            assert any(begun <= at <= begun + HOUR for at in times)


@given(histories())
def test_held_alerts_never_fire_for_over_four_hours_between_notices(history) -> None:
    """Counted anew: the time of alerts that had no notice since the last one of any."""
    notices = [notice.at for notice in replay(history, until=LONG)]
    for since, until in pairwise([0, *notices, LONG]):
        silent = [(b, e) for b, e in alerts_of(history) if not any(b <= at < until and at <= e for at in notices)]
        held = sum(max(0, min(e, until) - max(b, since)) for b, e in silent)
        assert held <= MOST_HELD


@given(histories(acknowledges=True))
def test_who_hears_of_an_alert_hears_its_end(history) -> None:
    notices = replay(history, until=LONG)
    for begun, ended in alerts_of(history):
        own = [n for n in notices if begun <= n.at <= ended and n.why is not Why.ENDED and n.at < ended]
        ends = [n for n in notices if n.at == ended and n.why is Why.ENDED]
        assert [n.level for n in ends] == ([max(n.level for n in own)] if own else [])


@given(histories(acknowledges=True))
def test_beyond_two_of_a_stretch_there_is_one_a_day(history) -> None:
    notices = replay(history, until=LONG)
    for rank in (WARNING, CRITICAL):
        daily = [n.at for n in notices if n.why is Why.DAILY and n.level is rank]
        at_rank = [n.at for n in notices if n.why is not Why.ENDED and n.level >= rank]
        for at in daily:
            assert not any(at - DAY < other < at for other in at_rank)
    held_back = [n for n in notices if n.why in (Why.LASTED, Why.ADDED_UP)]
    assert all((n.held > 0) == (n.held_from is not None) == (n.held_longest > 0) for n in held_back)


@pytest.mark.parametrize("why", Why)
def test_every_reason_occurs(why) -> None:
    story = [each for hour in range(30) for each in alert(60 * hour, 5)]
    story += [event(FIRED, 1900), event(UP, 1990, CRITICAL), event(ENDED, 2000, CRITICAL)]
    spikes = [each for n in range(40) for each in alert(20 * n, 14)]
    found = [replay(events, until=LONG, remind_after=4 * HOUR) for events in (story, spikes, [event(FIRED, 0)])]
    assert why in {notice.why for notices in found for notice in notices}


@given(
    st.integers(1, 300) | st.none(),
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), max_size=4),
    st.integers(1, 90),
    st.integers(1, 4000),
)
def test_reminders_are_those_of_a_look_at_each_minute(worse_at, away, pause, lasts) -> None:
    """Against maintenance that looks each minute; changes and ends come just before a look, reports just after."""
    periods, begin = [], 0
    for until_offline, lasting in away:
        begin += until_offline
        periods.append(OfflinePeriod(begin * MINUTE, begin * MINUTE, (begin + lasting) * MINUTE))
        begin += lasting
    changes = [0] if worse_at is None or worse_at >= lasts else [0, worse_at]
    events = [event(FIRED, 0), *(event(UP, minute, CRITICAL) for minute in changes[1:])]
    notices = replay(events, until=lasts * MINUTE, offline=periods, remind_after=pause * MINUTE)
    last, expected = 0, []
    for now in range(lasts):
        if now in changes:
            last = now
        elif now - last >= pause and not any(p.offline_at <= now * MINUTE < p.until for p in periods):
            last = now
            expected.append(now)
    assert [n.at // MINUTE for n in notices if n.why is Why.REMINDED] == expected


def test_a_held_alert_has_no_reminders_until_people_have_heard_of_it() -> None:
    events = [*alert(0, 29), *alert(60, 29), event(FIRED, 120)]
    found = heard(events, until=400 * MINUTE, remind_after=50 * MINUTE)
    assert found[-5:] == [(178, "lasted"), *((minute, "reminded") for minute in (228, 278, 328, 378))]


def test_what_ends_before_anybody_has_its_notice_counts_for_nothing() -> None:
    quiet, _ = Quiet().after(Change.FIRED, CRITICAL, 0)
    quiet, notice = quiet.dropped().after(Change.FIRED, WARNING, 2 * MINUTE)
    assert (quiet.counts, quiet.last) == ((1, 0), (2 * MINUTE, None))
    assert notice == Notice(2 * MINUTE, WARNING, Why.FIRST)
    assert Quiet().dropped() == Quiet()
