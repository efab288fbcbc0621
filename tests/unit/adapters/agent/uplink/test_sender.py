"""The agent's loop in virtual time: what is sent, when, and what waits."""

from itertools import pairwise, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.client import Delivery
from monitor.adapters.agent.uplink.outcomes import SendResult
from monitor.adapters.agent.uplink.spool import Spool
from tests.examples import examples
from tests.unit.adapters.agent.uplink.world import NO_ANSWER, World, refused, stored


def always_works(_now: float, delivery: Delivery) -> tuple[SendResult, float]:
    return stored(delivery), 0.01


def away(start: float, end: float, answer: SendResult = NO_ANSWER, delay: float = 0.01):
    """Return a server that works, except from *start* to *end*."""
    return lambda now, delivery: (answer, delay) if start <= now < end else (stored(delivery), 0.01)


def test_without_failures_nothing_waits_and_one_line_is_logged():
    world = World(always_works, until=3_600)
    assert world.stored == [record for _, record in world.taken]
    assert [time for time, _ in world.taken] == [15.0 * number for number in range(240)]
    assert {0} == set(world.spooled_at_send)
    assert world.logged == ["connected to http://server"]


def test_after_an_outage_the_newest_goes_first_and_the_rest_follows_in_order():
    world = World(away(100, 400), until=600)
    back = next(index for index, (time, _) in enumerate(world.arrivals) if time > 400)
    first, second = world.arrivals[back][1], world.arrivals[back + 1][1]
    assert not first.batch
    assert second.batch
    newest = world.taken.index(next(item for item in world.taken if item[1] == first.records[0]))
    assert second.records == tuple(record for _, record in world.taken[7:newest])
    assert sorted(world.stored) == sorted(record for _, record in world.taken)
    assert len(world.backlog) == 0


def test_a_day_that_waited_follows_within_minutes_and_leaves_room_for_others():
    world = World(away(100, 86_500), until=86_800)
    back = next(at for at, _ in world.arrivals if at > 86_500)
    batches = [at for at, delivery in world.arrivals if delivery.batch]
    assert len(batches) == 29
    assert all(2.5 <= later - earlier <= 7.6 for earlier, later in pairwise(batches))
    assert batches[-1] - back < 180
    arrived = {record: at for at, delivery in world.arrivals for record in delivery.records}
    assert all(arrived[record] - at <= 0.03 for at, record in world.taken if at > back)


def test_an_outage_is_logged_in_three_lines():
    world = World(away(100, 400), until=600)
    assert len(world.logged) == 4
    assert world.logged[1] == "cannot reach http://server (Connection refused); samples are kept and sent later"
    assert world.logged[2].startswith("connected to http://server again after ")
    assert world.logged[3].startswith("recovered: ")


def test_each_sample_of_an_outage_is_kept_before_it_is_sent():
    """So that a kill takes none of them."""
    world = World(away(100, 400), until=600)
    during = [
        (at, waiting) for (at, _), waiting in zip(world.attempts, world.spooled_at_send, strict=True) if 105 < at < 400
    ]
    assert during
    for at, waiting in during:
        assert waiting == sum(1 for time, _ in world.taken if 100 < time <= at)


def test_pauses_between_attempts_grow_to_a_minute():
    world = World(away(100, 4_000), until=4_000)
    failing = [time for time, _ in world.attempts if time >= 100]
    gaps = [later - earlier for earlier, later in pairwise(failing)]
    assert 0 <= gaps[0] <= 15.01
    assert all(30 <= gap <= 60.1 for gap in gaps[3:])


@pytest.mark.parametrize("answer", [NO_ANSWER, refused(503, retry_after=30.0)])
def test_agents_return_spread_over_the_interval(answer):
    """Random pauses: the first attempts after an outage, or after a Retry-After, do not come together."""
    firsts = []
    for number in range(20):
        world = World(away(100, 125, answer), until=200, luck=repeat(number / 20).__next__)
        firsts.append(next(time for time, _ in world.attempts if time > 105.02))
    assert max(firsts) - min(firsts) > 10


def test_a_pause_that_the_server_asks_for_is_kept():
    world = World(away(100, 101_000, refused(503, retry_after=300.0)), until=900)
    failing = [time for time, _ in world.attempts if time >= 100]
    assert all(later - earlier >= 300 for earlier, later in pairwise(failing))


def test_a_server_that_hangs_delays_no_sample():
    world = World(away(100, 400, SendResult(problem="timed out"), delay=20.0), until=600)
    assert [time for time, _ in world.taken] == [15.0 * number for number in range(40)]
    assert set(world.stored) == {record for _, record in world.taken}


def test_a_refused_key_loses_no_sample_and_is_logged_once():
    world = World(away(0, 1_000, refused(401)), until=2_000)
    assert sorted(world.stored) == sorted(record for _, record in world.taken)
    assert [line for line in world.logged if "401" in line] == [
        "http://server refuses samples (401 no: API_KEY is not valid); they are kept and sent later"
    ]


def test_a_sample_that_is_malformed_is_dropped_and_the_next_is_sent():
    world = World(away(100, 110, refused(400)), until=300)
    assert world.stored == [record for time, record in world.taken if time != 105]
    assert len(world.backlog) == 0


def test_one_bad_sample_in_a_batch_is_found_and_dropped_alone():
    bad = b'{"n":12}'

    def picky(now: float, delivery: Delivery) -> tuple[SendResult, float]:
        if 100 <= now < 400:
            return NO_ANSWER, 0.01
        return (refused(400), 0.01) if bad in delivery.records else (stored(delivery), 0.01)

    world = World(picky, until=900)
    assert sorted(world.stored) == sorted(record for _, record in world.taken if record != bad)
    assert len(world.backlog) == 0


@pytest.mark.parametrize("status", [400, 422])
def test_samples_that_the_server_will_never_accept_are_set_aside(tmp_path, status):
    """A single sample, one in a batch that is refused as a whole, and one rejected in the answer to a batch."""
    alone, spoils_a_batch, named = (b'{"n":%d}' % number for number in (3, 12, 15))

    def picky(now: float, delivery: Delivery) -> tuple[SendResult, float]:
        if 100 <= now < 400:
            return NO_ANSWER, 0.01
        if {alone, spoils_a_batch} & set(delivery.records):
            return refused(status), 0.01
        return stored(delivery, rejected={named}), 0.01

    logged: list[str] = []
    spool = Spool(str(tmp_path / "agent.spool"), logged.append)
    world = World(picky, until=900, backlog=Backlog(spool, logged.append))
    assert sorted(world.stored) == sorted(record for _, record in world.taken if record not in (alone, spoils_a_batch))
    aside = tmp_path / "agent.spool.rejected"
    assert sorted(aside.read_bytes().splitlines()) == sorted([alone, spoils_a_batch, named])
    assert [line for line in world.logged if "set aside" in line] == [
        f"the server refuses a sample for good ({status} no): set aside in {aside}",
        f"the server refuses a waiting sample for good ({status} no): set aside in {aside}",
        f"the server rejected 1 waiting samples (too_old): set aside in {aside}",
    ]
    assert len(world.backlog) == 0


def test_a_failed_batch_delays_no_live_sample():
    def no_batches(now: float, delivery: Delivery) -> tuple[SendResult, float]:
        if 100 <= now < 200 or (delivery.batch and now < 1_000):
            return (refused(500) if delivery.batch else NO_ANSWER), 0.01
        return stored(delivery), 0.01

    world = World(no_batches, until=2_000)
    for time, record in world.taken:
        if 300 < time < 1_000:
            assert any(at < time + 1 for at, delivery in world.arrivals if record in delivery.records)
    assert sorted(world.stored) == sorted(record for _, record in world.taken)


def test_a_batch_in_flight_at_a_tick_delays_the_live_sample_until_its_answer():
    def slow_batches(now: float, delivery: Delivery) -> tuple[SendResult, float]:
        if now < 900:
            return NO_ANSWER, 0.01
        return stored(delivery), 9.0 if delivery.batch else 0.01

    world = World(slow_batches, until=1_500)
    assert sorted(world.stored) == sorted(record for _, record in world.taken)
    late = [
        at - time
        for time, record in world.taken
        if time > 960
        for at, delivery in world.arrivals
        if record in delivery.records
    ]
    assert max(late) < 9.1


def test_a_delivery_in_flight_at_the_stop_is_kept():
    world = World(lambda _now, _batch: (NO_ANSWER, 30.0), until=5.0)
    assert world.backlog.oldest(10, 10**6).records == (world.taken[0][1],)


moods = st.sampled_from(["well", "gone", "hangs", "refuses", "busy", "answer lost"])


@settings(max_examples=examples(150))
@given(
    spells=st.lists(st.tuples(st.sampled_from([1.0, 14.9, 15.0, 40.0, 333.0]), moods), max_size=8), seed=st.randoms()
)
def test_every_sample_arrives_whatever_the_server_does(spells, seed):
    """Once, unless an answer was lost or came after the next sample: the server recognises repeated samples."""
    ends: list[tuple[float, str]] = []
    for length, mood in spells:
        ends.append(((ends[-1][0] if ends else 0.0) + length, mood))
    troubled = ends[-1][0] if ends else 0.0
    received: list[bytes] = []

    def behave(now: float, delivery: Delivery) -> tuple[SendResult, float]:
        mood = next((mood for end, mood in ends if now < end), "well")
        if mood == "answer lost":
            received.extend(delivery.records)
            return SendResult(problem="timed out"), 10.0
        if mood == "well":
            received.extend(delivery.records)
            return stored(delivery), 0.05
        return {
            "gone": (NO_ANSWER, 0.001),
            "hangs": (SendResult(problem="timed out"), 20.0),
            "refuses": (refused(404), 0.01),
            "busy": (refused(503, 3.0), 0.01),
        }[mood]

    world = World(behave, until=troubled + 400, luck=seed.random)
    assert set(received) == {record for _, record in world.taken}
    assert len(world.backlog) == 0
    if not {"answer lost", "hangs"} & {mood for _, mood in spells}:
        # A first try after an outage may begin just before a tick, and be answered just after it.
        assert len(received) - len(world.taken) <= len(spells)
