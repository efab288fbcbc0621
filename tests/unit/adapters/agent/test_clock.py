"""What samples are stamped with: the server's time, whatever the host's clock and the network do."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.clock import Moment, Reading, ServerClock

SERVER = 1_764_500_000.0
"""The server's time at the host's boot."""


def at(elapsed: float, host_ahead: float = 0.0) -> Moment:
    return Moment(elapsed, elapsed, round((SERVER + elapsed + host_ahead) * 1e9))


def reading(
    elapsed: float, *, ahead: float = 0.0, there: float = 0.01, back: float = 0.01, host: float = 0.0
) -> Reading:
    """An answer of a server whose clock is *ahead*, over a network that takes so long."""
    return Reading(SERVER + elapsed + ahead, elapsed - there, elapsed + back, SERVER + elapsed + back + host)


def seconds(recorded_at: str) -> float:
    """Since the host's boot, by the server's clock."""
    return datetime.fromisoformat(recorded_at).replace(tzinfo=UTC).timestamp() - SERVER


def stamped(clock: ServerClock, moment: Moment) -> float:
    return seconds(clock.stamped({}, moment)["recorded_at"])


def settled(clock: ServerClock, record: bytes) -> float:
    return seconds(json.loads(clock.settled(record))["recorded_at"])


def test_a_host_days_ahead_stamps_by_the_time_of_the_server():
    clock = ServerClock("boot")
    clock.learn(reading(100.0, host=200_000.0))
    assert abs(stamped(clock, at(115.0, host_ahead=200_000.0)) - 115.0) <= 0.02
    assert abs(stamped(clock, at(130.0, host_ahead=-7_200.0)) - 130.0) <= 0.02
    assert abs(clock.host_ahead - 200_000.0) < 0.02


def test_a_server_that_does_not_say_its_time_is_believed_to_have_that_of_the_host():
    clock = ServerClock("boot")
    clock.learn(Reading(0.0, 1.0, 2.0, 3.0))
    assert stamped(clock, at(115.0, host_ahead=50.0)) == 165.0
    assert stamped(clock, at(130.0, host_ahead=34.0)) == pytest.approx(165.01)


def test_delays_of_the_network_move_no_stamp_and_drift_does():
    clock = ServerClock("boot")
    clock.learn(reading(100.0))
    clock.learn(reading(110.0, there=5.0, back=0.01))
    clock.learn(reading(120.0, there=0.01, back=5.0))
    assert abs(stamped(clock, at(125.0)) - 125.0) <= 0.02
    clock.learn(reading(130.0, ahead=0.5))
    assert abs(stamped(clock, at(135.0)) - 135.5) <= 0.02


def test_what_was_measured_before_the_first_answer_gets_the_time_of_the_server():
    clock = ServerClock("boot")
    records = [
        json.dumps(clock.stamped({"n": n}, at(50.0 + n, host_ahead=-3_600.0 * n)), separators=(",", ":")).encode()
        for n in range(3)
    ]
    clock.learn(reading(100.0, host=-7_200.0))
    clock.learn(reading(105.0, ahead=1.0))
    assert [abs(settled(clock, record) - (50.0 + n)) <= 0.02 for n, record in enumerate(records)] == [True] * 3
    assert clock.settled(clock.settled(records[0])) == clock.settled(records[0])
    assert json.loads(clock.settled(records[1])).keys() == {"n", "recorded_at"}


def test_a_metric_may_be_called_like_the_mark():
    record = b'{"metrics":{"extra":{"unsettled":1}},"recorded_at":"2026-12-01 02:00:00.000"}'
    assert record == ServerClock("boot").settled(record)


def test_what_an_earlier_boot_measured_is_corrected_by_what_the_clock_is_wrong():
    """The seconds since that boot say nothing after this one."""
    moment = at(-500.0, host_ahead=3_600.0)._replace(awake=40.0, elapsed=40.0)
    record = unsettled(ServerClock("earlier"), moment)
    clock = ServerClock("boot")
    clock.learn(reading(100.0, host=3_600.0))
    assert abs(settled(clock, record) - -500.0) <= 0.02


def unsettled(clock: ServerClock, moment: Moment) -> bytes:
    return json.dumps(clock.stamped({}, moment), separators=(",", ":")).encode()


@pytest.mark.parametrize("step", [-15.01, -20.0])
def test_a_server_that_goes_back_after_its_first_answer_gives_later_samples_later_times(step):
    clock = ServerClock("boot")
    records = [unsettled(clock, at(100.0)), unsettled(clock, at(115.0))]
    clock.learn(reading(115.1))
    clock.learn(reading(116.0, ahead=step))
    before = [settled(clock, record) for record in records]
    after = [stamped(clock, at(elapsed)) for elapsed in (130.0, 145.0)]
    assert before == [100.0, 115.0]
    assert before[-1] < after[0] < after[1]


STEPS = st.lists(st.integers(-8, 0), min_size=2, max_size=8)
"""By how many intervals the host's clock is set back at each sample, so that times come again."""


@given(STEPS, st.floats(-7_200.0, 7_200.0))
def test_what_an_earlier_boot_measured_has_times_of_its_own_on_a_clock_that_was_set_back(steps, host):
    before = ServerClock("earlier")
    records = [unsettled(before, at(15.0 * n, 15.0 * sum(steps[:n]))) for n in range(len(steps))]
    clock = ServerClock("boot")
    clock.learn(reading(1_000.0, host=host))
    assert len({settled(clock, record) for record in records}) == len(records)


@given(STEPS, st.integers(0, 8))
def test_on_a_clock_that_is_set_back_a_server_without_a_time_gets_no_two_samples_of_one_time(steps, known):
    clock = ServerClock("boot")
    moments = [at(15.0 * n, 15.0 * sum(steps[:n])) for n in range(len(steps))]
    records = [unsettled(clock, moment) for moment in moments[:known]]
    clock.learn(Reading())
    stamps = [settled(clock, record) for record in records] + [stamped(clock, moment) for moment in moments[known:]]
    assert len(set(stamps)) == len(moments)


def test_a_server_that_goes_back_gives_no_two_samples_one_time():
    """Each step back is a whole number of intervals, so that the same times come again."""
    clock, stamps = ServerClock("boot"), []
    for step in range(9):
        for tick in range(60):
            now = 60.0 * step + tick + 1
            clock.learn(reading(now, ahead=-120.0 * step, there=0.0, back=0.0))
            stamps.append(stamped(clock, at(now)))
    assert len(stamps) == len(set(stamps)) == 540


@given(st.lists(st.tuples(st.floats(1.0, 30.0), st.floats(-50.0, 50.0), st.floats(0.0, 4.0)), min_size=1, max_size=40))
def test_small_steps_of_the_server_keep_stamps_in_order(ticks):
    clock, now, last = ServerClock("boot"), 0.0, None
    clock.learn(reading(0.0))
    for pause, ahead, delay in ticks:
        now += pause
        clock.learn(reading(now, ahead=ahead / 2, there=delay, back=delay))
        stamp = stamped(clock, at(now))
        assert last is None or stamp > last
        assert abs(stamp - (now + ahead / 2)) <= 60.0
        last = stamp
