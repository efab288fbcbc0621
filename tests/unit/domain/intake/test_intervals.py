from itertools import pairwise
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.intake.intervals import Intervals, least_gap, longest_gap, longest_silence
from monitor.domain.times import SECOND

rising = st.lists(st.integers(1, 10**9), max_size=30).map(lambda gaps: [sum(gaps[: n + 1]) for n in range(len(gaps))])
declared = st.none() | st.sampled_from([1.0, 15.0, 60.0, 300.5])


@given(rising, declared)
def test_the_longest_gap_is_three_times_the_longest_of_declared_median_and_15_seconds(times, interval):
    gaps = [later - earlier for earlier, later in pairwise(times[-11:])]
    learned = median(gaps) if len(gaps) >= 3 else 0
    longest = 3 * max(learned, 15 * SECOND, SECOND * (interval or 0))
    assert longest_gap(interval, times) <= longest < longest_gap(interval, times) + 1
    assert least_gap(interval) <= longest_gap(interval, times)


def test_one_outage_among_few_samples_is_no_interval():
    hour = 3600 * SECOND
    assert longest_gap(15.0, [0, hour]) == longest_gap(15.0, [0, hour, hour + 1]) == 45 * SECOND


def test_of_an_even_number_of_gaps_the_middle_of_both_middle_ones_counts():
    assert longest_gap(15.0, [at * SECOND for at in (0, 20, 40, 80, 120)]) == 90 * SECOND


@given(rising, declared)
def test_without_three_gaps_the_longest_counts_and_without_any_an_hour(times, interval):
    gaps = [later - earlier for earlier, later in pairwise(times)]
    expected = longest_gap(interval, times)
    if interval is None and times and len(gaps) < 3:
        expected = max(45 * SECOND, 3 * max(gaps)) if gaps else 3600 * SECOND
    assert longest_silence(interval, times) == expected
    if times:
        assert Intervals(times, [interval] * len(times)).longest_silence(len(times) - 1) == expected


@given(rising, st.data())
def test_along_a_history_each_sample_has_the_interval_of_its_time(times, data):
    drawn = data.draw(st.lists(declared, min_size=len(times), max_size=len(times)))
    intervals, last = Intervals(times, drawn), None
    for place in range(len(times)):
        last = drawn[place] if drawn[place] is not None else last
        longest = longest_gap(last, times[: place + 1])
        assert intervals.longest_gap(place) == longest
        for seen in times[:place]:
            assert intervals.is_interrupted(seen, place) is (times[place] - seen > longest)
