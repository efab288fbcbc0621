"""Pages of a past wait while they would live: for the end of a silence, and for a host that is offline."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import MINUTE
from monitor.domain.alerts.reasons import Reason
from monitor.domain.configuration.paging import Asked, Notified, Page, Reached
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.replayed_alerts import ReplayedAlert
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall import escalations
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind
from monitor.domain.oncall.ways import WayId
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence
from monitor.domain.times import moment

BOB = Target(user_id=UserId(1))
LEVEL = Level.WARNING


def alert(begun: int, ended: int | None) -> ReplayedAlert:
    events = [Event(Change.FIRED, LEVEL, begun * MINUTE, 0.0)]
    events += [] if ended is None else [Event(Change.RESOLVED, LEVEL, ended * MINUTE, 0.0)]
    return ReplayedAlert(
        server_id=ServerId(1),
        level=LEVEL,
        fired_at=begun * MINUTE,
        ended_at=None if ended is None else ended * MINUTE,
        value=0.0,
        events=tuple(events),
    )


def silence(begun: int, ended: int) -> Silence:
    begin, end = moment(begun * MINUTE), moment(ended * MINUTE)
    return Silence(scope=Scope(), starts_at=begin, ends_at=end, reason="", created_at=begin)


@pytest.mark.parametrize(
    ("ended", "silences", "back_at", "is_paged"),
    [
        (90, [], None, True),
        (None, [], 1000, False),  # still offline
        (None, [], 200, True),
        (200, [], 200, True),  # ended by the report that shows it is back
        (210, [silence(190, 300)], 200, False),
        (310, [silence(190, 300)], 200, True),
        (310, [silence(70, 80)], 200, True),
    ],
)
def test_a_third_alert_falls_due_when_its_host_is_back_and_no_silence_acts(
    ended: int | None, silences: Sequence[Silence], back_at: int | None, is_paged: bool
) -> None:
    """It fires at minute 60, and would fall due at minute 75."""
    offline = [] if back_at is None else [OfflinePeriod(70 * MINUTE, 72 * MINUTE, back_at * MINUTE)]
    wait = timedelta(seconds=30)
    notified = Notified(lambda _: Reached([BOB]), silences, moment(1000 * MINUTE), wait, offline=offline)
    third = alert(60, ended)
    pages = notified.pages([alert(0, 5), alert(30, 35), third])
    assert [page.episode for page in pages][2:] == ([third] if is_paged else [])


@pytest.mark.parametrize(
    ("down", "ended", "sent"),
    [
        ([(61, 90)], 80, [60]),  # it was down only later
        ([(59, 90)], 80, []),
        ([(59, 90)], 90, []),
        ([(60, 90)], 91, [90]),
        ([(59, 90), (85, 95)], None, [95]),
        ([(59, 1001)], None, []),  # still down
        ([(40, 60)], 80, [60]),
    ],
)
def test_while_what_it_depends_on_is_down_nobody_is_notified(
    down: Sequence[tuple[int, int]], ended: int | None, sent: Sequence[int]
) -> None:
    suppressed = [(begun * MINUTE, until * MINUTE) for begun, until in down]
    notified = Notified(lambda _: Reached([BOB]), [], moment(1000 * MINUTE), suppressed=suppressed)
    pages = notified.pages([alert(60, ended)])
    assert [each.at for page in pages for each in page.sent] == [moment(at * MINUTE) for at in sent]


def test_a_silence_and_what_it_depends_on_hold_one_after_the_other() -> None:
    suppressed = [(100 * MINUTE, 200 * MINUTE)]
    held = [silence(50, 110), silence(190, 300)]
    [page] = Notified(lambda _: Reached([BOB]), held, moment(1000 * MINUTE), suppressed=suppressed).pages(
        [alert(60, 400)]
    )
    assert [each.at for each in page.sent] == [moment(300 * MINUTE)]


ANN, EVE = Target(user_id=UserId(2)), Target(user_id=UserId(3))
PUSH = Target(user_id=UserId(1), way_id=WayId(9))
FIRST, SECOND = (Step(timedelta(minutes=n), (escalations.Target(TargetKind.USER, n),)) for n in (0, 10))
BOTH = Escalation(name="nights", steps=(FIRST, SECOND))


def minutes(page: Page) -> list[tuple[float, Target]]:
    """When each message goes out, from the beginning of the alert."""
    return [((each.at - moment(page.episode.fired_at)) / timedelta(minutes=1), each.target) for each in page.sent]


def pages(reach: Mapping[Step | None, Reached], ended: int | None = 60, escalation: Escalation = BOTH) -> list[Page]:
    def whom(asked: Asked) -> Reached:
        return reach.get(asked.step, Reached(()))

    return Notified(whom, [], moment(2000 * MINUTE), escalations=[escalation]).pages([alert(0, ended)])


def test_each_step_reaches_its_own_people_as_long_as_the_alert_fires() -> None:
    reach: dict[Step | None, Reached] = {FIRST: Reached([BOB]), SECOND: Reached([ANN])}
    [whole], [early] = pages(reach), pages(reach, ended=10)
    assert [(0, BOB), (10, ANN)] == minutes(whole)
    assert [(0, BOB)] == minutes(early)
    assert frozenset({BOB}) == early.notified


def test_all_steps_are_repeated_without_an_acknowledgement() -> None:
    twice = Escalation(name="nights", steps=(FIRST, SECOND), repeat_after=timedelta(minutes=5), repeats=1)
    [page] = pages({FIRST: Reached([BOB]), SECOND: Reached([ANN])}, escalation=twice)
    assert [(0, BOB), (10, ANN), (15, BOB), (25, ANN)] == minutes(page)


def test_a_step_that_reaches_nobody_passes_on_and_at_last_to_the_last_resort() -> None:
    [second] = pages({SECOND: Reached([ANN])})
    assert [(0, ANN)] == minutes(second)
    [last] = pages({None: Reached([EVE])})
    assert [(0, EVE)] == minutes(last)


@pytest.mark.parametrize(
    ("left_out", "why"),
    [
        ((Reason.NOT_ON_CALL, Reason.AWAY, Reason.STEP_NOT_DUE), Reason.AWAY),
        ((Reason.NOT_ON_CALL, Reason.UNREACHABLE), Reason.UNREACHABLE),
        ((), Reason.NOT_LINKED),
    ],
)
def test_a_page_without_a_recipient_says_why(left_out: Sequence[Reason], why: Reason) -> None:
    [page] = pages(dict.fromkeys((FIRST, SECOND, None), Reached((), left_out=left_out)))
    assert (frozenset(), why) == (page.notified, page.why)


def test_an_alert_that_ends_before_the_first_step_is_no_page() -> None:
    late = Escalation(name="late", steps=(SECOND,))
    assert [] == pages({SECOND: Reached([ANN])}, ended=10, escalation=late)
    assert [(10, ANN)] == minutes(pages({SECOND: Reached([ANN])}, ended=11, escalation=late)[0])


@pytest.mark.parametrize(("ended", "sent", "why"), [(31, [(30, BOB)], None), (30, [], Reason.QUIET_HOURS)])
def test_what_waits_for_the_end_of_quiet_hours_is_sent_if_it_still_fires(
    ended: int, sent: list[tuple[float, Target]], why: Reason | None
) -> None:
    quiet = Reached([BOB], {BOB: (moment(30 * MINUTE), Reason.QUIET_HOURS)})
    [page] = Notified(lambda _: quiet, [], moment(2000 * MINUTE)).pages([alert(0, ended)])
    assert (sent, why) == (minutes(page), page.why)


def test_a_later_way_is_of_the_same_person_and_goes_out_while_the_alert_fires() -> None:
    both = Reached([BOB, PUSH], {PUSH: (moment(5 * MINUTE), None)})
    [short], [long] = (Notified(lambda _: both, [], moment(2000 * MINUTE)).pages([alert(0, ended)]) for ended in (5, 6))
    assert [(0, BOB)] == minutes(short)
    assert [(0, BOB), (5, PUSH)] == minutes(long)
    assert frozenset({BOB}) == long.notified


def test_a_later_step_waits_for_the_end_of_a_silence_and_the_gaps_stay() -> None:
    steps = (FIRST, SECOND, Step(timedelta(minutes=15), (escalations.Target(TargetKind.USER, 15),)))
    three = Escalation(name="three", steps=steps)
    people = dict(zip(steps, (BOB, ANN, EVE), strict=True))

    def whom(asked: Asked) -> Reached:
        return Reached([people[asked.step]]) if asked.step is not None else Reached(())

    silenced = Notified(whom, [silence(5, 40)], moment(2000 * MINUTE), escalations=[three])
    [page] = silenced.pages([alert(0, 60)])
    assert [(0, BOB), (40, ANN), (45, EVE)] == minutes(page)


def test_who_comes_on_call_is_paged_by_a_step_that_ran() -> None:
    """At minute 20, and not by a step that has not run by then."""
    asked_for: list[Mapping[int, datetime]] = []

    def newcomers(_: Escalation, ran: Mapping[int, datetime], until: datetime) -> Iterator[tuple[datetime, UserId]]:
        asked_for.append(ran)
        assert moment(60 * MINUTE) == until
        yield moment(20 * MINUTE), UserId(3)

    def whom(asked: Asked) -> Reached:
        return Reached([EVE]) if asked.newcomer == 3 else Reached([BOB] if asked.step is FIRST else [ANN])

    notified = Notified(whom, [], moment(2000 * MINUTE), escalations=[BOTH], newcomers=newcomers)
    [page] = notified.pages([alert(0, 60)])
    assert [(0, BOB), (10, ANN), (20, EVE)] == minutes(page)
    assert [{0: moment(0), 1: moment(10 * MINUTE)}] == asked_for
