"""A real server that finds out whether it hears, and an event loop that stands still."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monitor.adapters.http.operations.living import OwnDoor
from monitor.application.alerts.offline import DetectOffline
from monitor.application.intake.hearing import ProveHearing
from monitor.cli.server import bind
from tests.integration.http.served import Served, wait_until
from tests.integration.http.world import agent, report


@pytest.fixture
def prove(served: Served) -> ProveHearing:
    made = served.world.container.get(ProveHearing)
    made.begin()
    return made


@pytest.fixture
def door(served: Served) -> OwnDoor:
    found = OwnDoor(served.listener)
    found.timeout = 0.2
    return found


@contextmanager
def standing_still(served: Served) -> Iterator[None]:
    """Stop its event loop, and nothing else."""
    stands, goes_on = threading.Event(), threading.Event()

    def stand() -> None:
        stands.set()
        goes_on.wait(30)

    served.on_loop(stand)
    assert stands.wait(30)
    try:
        yield
    finally:
        goes_on.set()


def test_a_server_hears_itself(prove: ProveHearing, door: OwnDoor) -> None:
    clock = prove.clock
    clock.advance(5)  # type: ignore[attr-defined]  # the tests' own clock
    prove(door.knock)
    assert prove.hearing.known is not None
    assert clock.now() == prove.hearing.known.until


def test_no_host_is_offline_while_the_loop_stands_still(served: Served, prove: ProveHearing, door: OwnDoor) -> None:
    """Other threads continue, among them the one that searches for offline hosts."""
    world = served.world
    key = agent(world.server_key(world.server("192.0.2.1")))
    assert 200 == served.send("POST", "/api/monitor/data", key, json=report()).status_code
    prove(door.knock)
    with standing_still(served):
        world.clock.advance(3600)
        with pytest.raises(TimeoutError):
            prove(door.knock)
        assert set() == world.container.get(DetectOffline)()
    assert set() == world.container.get(DetectOffline)()
    prove(door.knock)
    assert set() == world.container.get(DetectOffline)()
    world.clock.advance(9)
    assert set() == world.container.get(DetectOffline)(), "it was heard again, but a moment ago"


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])  # noqa: S104  # as servers do
def test_a_server_knocks_at_the_address_on_which_it_listens(host: str) -> None:
    with bind(host, 0) as listener:
        listener.listen()
        door = OwnDoor(listener)
        door.timeout = 0.1
        with pytest.raises(TimeoutError):
            door.knock()
        listener.accept()[0].close()


def test_the_lag_of_the_loop_is_among_the_metrics(served: Served) -> None:
    def lag() -> float:
        lines = served.client.get("/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("monitor_event_loop_lag_seconds "))

    with standing_still(served):
        threading.Event().wait(1.0)
    wait_until(lambda: 0.4 < lag() < 30)
