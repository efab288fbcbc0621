"""The agent's loop in virtual time, with clocks that are wrong, step and drift, and a link that fails."""

import json
from bisect import bisect
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.adapters.agent.clock import ServerClock
from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.client import Delivery
from monitor.adapters.agent.uplink.outcomes import SendResult
from monitor.adapters.agent.uplink.spool import Spool
from tests.examples import examples
from tests.unit.adapters.agent.uplink.world import EPOCH, NO_ANSWER, World

HOUR = 3_600.0
Ahead = list[tuple[float, float]]
"""From when on a clock is wrong by how much, both in seconds."""


def clock_of(steps: Ahead):
    steps = sorted(steps)
    return lambda now: ([0.0] + [ahead for _, ahead in steps])[bisect(steps, (now, float("inf")))]


def since_epoch(record: bytes) -> float:
    """The time of a sample, in seconds after EPOCH."""
    return datetime.fromisoformat(json.loads(record)["recorded_at"]).replace(tzinfo=UTC).timestamp() - EPOCH


class Server:
    """Stores each time once, and refuses what is more than a minute ahead of its clock, which *ahead* sets."""

    def __init__(self, ahead: Ahead, outages: list[tuple[float, float]], lost: set[int]) -> None:
        self.rows: dict[float, int] = {}
        self.duplicates = 0
        self.ahead = clock_of(ahead)
        self._outages, self._lost, self._requests = outages, lost, 0

    def __call__(self, now: float, delivery: Delivery) -> tuple[SendResult, float]:
        if any(start <= now < end for start, end in self._outages):
            return NO_ANSWER, 0.01
        self._requests += 1
        results = [self._store(now, record) for record in delivery.records]
        if self._requests in self._lost:
            return NO_ANSWER, 0.01
        if not delivery.batch and results[0]["status"] == "rejected":
            return _answer(400, {"reason": "in_future"}), 0.01
        return _answer(200, {"results": results}), 0.01

    def _store(self, now: float, record: bytes) -> dict[str, str]:
        at, number = since_epoch(record), json.loads(record)["n"]
        assert json.loads(record).keys() == {"n", "recorded_at"}
        if at > now + self.ahead(now) + 60:
            return {"status": "rejected", "reason": "in_future"}
        if at in self.rows:
            assert self.rows[at] == number, "two samples of one time"
            self.duplicates += 1
            return {"status": "duplicate"}
        self.rows[at] = number
        return {"status": "stored"}


def _answer(status: int, data: object) -> SendResult:
    return SendResult(status=status, body=json.dumps({"code": status, "msg": "", "data": data}).encode())


def run(server: Server, *, host: Ahead, until: float = 1_200.0, backlog: Backlog | None = None) -> World:
    return World(
        server,
        until=until,
        clock=ServerClock("boot"),
        host_ahead=clock_of(host),
        server_ahead=server.ahead,
        backlog=backlog,
    )


def assert_each_is_stored_once(world: World, server: Server) -> None:
    assert sorted(server.rows.values()) == list(range(len(world.taken)))


def test_a_host_two_days_ahead_loses_nothing_and_its_log_says_so():
    server = Server([], [], set())
    world = run(server, host=[(0.0, 48 * HOUR)])
    assert_each_is_stored_once(world, server)
    assert all(abs(at - world.taken[number][0]) <= 0.02 for at, number in server.rows.items())
    assert world.logged[0] == "this host's clock is 172800 s ahead of the server's, which samples go by"


def test_a_server_an_hour_behind_takes_every_sample():
    server = Server([(0.0, -HOUR)], [], set())
    world = run(server, host=[])
    assert_each_is_stored_once(world, server)


def test_a_start_without_a_server_on_a_wrong_clock_loses_nothing(tmp_path):
    logged: list[str] = []
    spool = Spool(str(tmp_path / "agent.spool"), logged.append)
    server = Server([], [(0.0, 400.0)], set())
    world = run(server, host=[(0.0, 2 * HOUR), (200.0, -HOUR)], backlog=Backlog(spool, logged.append))
    assert_each_is_stored_once(world, server)
    assert all(abs(at - world.taken[number][0]) <= 0.02 for at, number in server.rows.items())
    assert not server.duplicates
    assert len(spool) == 0


def test_a_clock_that_steps_back_makes_no_two_samples_of_one_time():
    server = Server([], [], set())
    world = run(server, host=[(60.0 * minute, -15.0 * minute) for minute in range(20)])
    assert_each_is_stored_once(world, server)
    assert not server.duplicates


def test_what_a_server_that_was_set_back_refuses_is_kept_until_its_time_comes(tmp_path):
    logged: list[str] = []
    spool = Spool(str(tmp_path / "agent.spool"), logged.append)
    server = Server([(100.0, -300.0)], [(95.0, 130.0)], set())
    world = run(server, host=[], backlog=Backlog(spool, logged.append))
    assert_each_is_stored_once(world, server)
    assert not (tmp_path / "agent.spool.rejected").exists()


STEPS = st.lists(st.tuples(st.floats(0.0, 900.0), st.floats(-3 * HOUR, 3 * HOUR)), max_size=5)
DRIFT = st.lists(st.tuples(st.floats(0.0, 900.0), st.floats(-20.0, 20.0)), max_size=5)
OUTAGES = st.lists(st.tuples(st.floats(0.0, 700.0), st.floats(1.0, 200.0)).map(lambda o: (o[0], sum(o))), max_size=3)


@settings(max_examples=examples(200))
@given(host=STEPS, server_steps=DRIFT, outages=OUTAGES, lost=st.sets(st.integers(1, 40), max_size=4))
@example(host=[], server_steps=[(0.012, -15.0)], outages=[], lost=set())
@example(host=[], server_steps=[(0.012, -20.0)], outages=[], lost=set())
def test_whatever_clocks_and_the_link_do_each_sample_is_stored_once_in_order(host, server_steps, outages, lost):
    server = Server(server_steps, outages, lost)
    world = run(server, host=host)
    assert_each_is_stored_once(world, server)
    in_order = [at for at, _ in sorted(server.rows.items(), key=itemgetter(1))]
    assert all(earlier < later for earlier, later in pairwise(in_order))
    wrong = 0.1 + max([0.0, *(abs(ahead) for _, ahead in server_steps)]) * 2
    assert all(abs(at - world.taken[number][0]) <= wrong for at, number in server.rows.items())
