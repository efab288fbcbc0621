"""Which silences act on a server is the same as looking through all of them."""

from datetime import datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.policies.silencing import MOST_SHOWN, Silencing
from monitor.domain.recurrence import Recurrence
from tests.contracts.builders import AT, MICROSECOND, a_server, a_silence

HOUR = timedelta(hours=1)
SERVERS = [
    a_server(id=ServerId(1)),
    a_server(id=ServerId(2), tags=frozenset({"web", "prod"})),
    a_server(id=ServerId(3), kind=Kind.CHECK, host_id=ServerId(1)),
]
METRICS = ("cpu", "memory")
DAILY = Recurrence(weekdays=frozenset(range(7)), starts=time(14), lasts=HOUR)

moments = st.sampled_from([-1, 0, 1, 2, 3, 24, 25, 26]).map(lambda hours: AT + hours * HOUR)
scopes = st.sampled_from([Scope(), Scope(tag="web"), Scope(tag="db"), Scope(server_id=ServerId(1))])


@st.composite
def some_silences(draw: st.DrawFn) -> list[Silence]:
    return [
        a_silence(
            id=SilenceId(number),
            scope=draw(scopes),
            metric=draw(st.sampled_from([None, "cpu"])),
            starts_at=(begin := draw(moments)),
            ends_at=begin + draw(st.sampled_from([1, 2, 30])) * HOUR,
            recurrence=draw(st.sampled_from([None, DAILY])),
        )
        for number in range(1, draw(st.integers(0, 6)) + 1)
    ]


def active(silences: list[Silence], server: Server, at: datetime) -> list[Silence]:
    return [silence for silence in silences if silence.scope.covers(server) and silence.is_active(at)]


@given(some_silences(), st.lists(moments, min_size=1))
def test_each_server_has_its_active_silences_in_any_order_of_calls(silences, times) -> None:
    silencing = Silencing(silences)
    for at in (each + shift for each in times for shift in (-MICROSECOND, timedelta(0))):
        for server in SERVERS:
            on = silencing.at(at).on(server)
            assert active(silences, server, at) == [acting.silence for acting in on]
            for acting in on:
                assert acting.silence.is_active(acting.until - MICROSECOND)
                assert not acting.silence.is_active(acting.until)
            for metric in METRICS:
                expected = any(silence.covers(server, metric, at) for silence in silences)
                assert silencing.at(at).covers(server, metric) == expected


def test_it_is_calculated_again_only_when_one_begins_or_ends() -> None:
    silencing = Silencing([a_silence(ends_at=AT + HOUR), a_silence(starts_at=AT + 2 * HOUR, ends_at=AT + 3 * HOUR)])
    found = [silencing.at(AT + minutes * timedelta(minutes=1)) for minutes in (0, 59, 60, 119, 120, 180, 999_999)]
    assert [True, False, True, False, False, True] == [one is other for one, other in pairwise(found)]


@given(some_silences(), some_silences(), moments, moments)
def test_reused_results_change_no_answer(earlier, later, at, then) -> None:
    before = Silencing(earlier)
    before.at(at)
    kept = earlier[::2]
    silences = [*kept, *(silence for silence in later if silence.id not in {each.id for each in kept})]
    assert Silencing(silences).at(then) == Silencing(silences, before).at(then)


def test_of_many_on_one_server_the_most_important_are_shown() -> None:
    """All of them silence it anyway."""
    brief = [
        a_silence(
            id=SilenceId(number),
            scope=Scope(tag="web") if number % 2 else Scope(),
            metric=None if number == 3 else f"metric{number}",
            ends_at=AT + number * HOUR,
        )
        for number in range(1, 31)
    ]
    silencing = Silencing(brief)
    shown = [acting.silence.id for acting in silencing.at(AT).on(SERVERS[1])]
    assert [3, *range(31 - (MOST_SHOWN - 1), 31)] == shown
    assert all(silencing.at(AT).covers(SERVERS[1], f"metric{number}") for number in range(1, 31))
    assert not silencing.at(AT).covers(SERVERS[0], "metric1")
    assert list(range(1, 31)) == sorted(silencing.at(AT).ids)
