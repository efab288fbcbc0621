"""How long a connection may take, by checks once a second."""

import pytest

from monitor.adapters.http.edge.protocol import SLOWEST, Pace, Phase

REQUEST, NEXT = object(), object()


def looks_until_late(pace: Pace, phase: Phase, request: object, moved: int = 0, most: int = 5000) -> int | None:
    return next((count for count in range(most) if pace.is_late(phase, request, moved)), None)


@pytest.mark.parametrize(
    ("phase", "seconds"),
    [(Phase.SILENT, 10), (Phase.HEAD, 10), (Phase.BODY, 30), (Phase.SENDING, 30), (Phase.KEPT, 75)],
)
def test_each_phase_has_its_time(phase: Phase, seconds: int) -> None:
    assert seconds + 1 == looks_until_late(Pace(phase=Phase.BUSY), phase, REQUEST)


def test_a_client_that_waits_for_this_server_is_never_late() -> None:
    assert looks_until_late(Pace(), Phase.BUSY, REQUEST) is None


def test_a_body_at_the_slowest_rate_may_arrive() -> None:
    """1 MB at the slowest rate takes 1,000 seconds."""
    pace = Pace(phase=Phase.BUSY)
    assert not any(pace.is_late(Phase.BODY, REQUEST, SLOWEST) for _ in range(1000))


def test_a_body_that_trickles_is_late() -> None:
    assert 31 == looks_until_late(Pace(phase=Phase.BUSY), Phase.BODY, REQUEST, moved=SLOWEST // 50)


def test_another_request_or_phase_restarts_the_time() -> None:
    pace = Pace(phase=Phase.BUSY)
    for phase, request in [(Phase.KEPT, REQUEST), (Phase.HEAD, REQUEST), (Phase.KEPT, REQUEST), (Phase.KEPT, NEXT)]:
        assert not any(pace.is_late(phase, request) for _ in range(10))
