"""What waits for one connection is sent in small pieces, each server once and with its newest values."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.http.live.stream import ALIVE, SAMPLES_AT_ONCE, Scope, Stream
from monitor.application.accounts.authentication import Caller
from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.servers import ServerId

NOBODY = cast(Caller, None)


def ids(numbers: range) -> dict[ServerId, None]:
    return dict.fromkeys(map(ServerId, numbers))


def everything(_: ServerId) -> bool:
    return True


def body(server_id: ServerId) -> bytes:
    return b"%d" % server_id


def taken(stream: Stream) -> list[bytes]:
    """Return all pieces that wait."""
    pieces = []
    while (piece := stream.take(everything, body)) != ALIVE:
        pieces.append(piece)
    return pieces


@given(st.integers(0, 3 * SAMPLES_AT_ONCE))
def test_every_sample_is_sent_once_in_pieces(count: int) -> None:
    stream = Stream(NOBODY, Scope())
    stream.begin_with(ids(range(count)))
    pieces = taken(stream)
    sent = [number for piece in pieces for number in piece.split(b"[")[1].split(b"]")[0].split(b",")]
    assert [b"%d" % number for number in range(count)] == sent
    assert all(len(piece.split(b",")) <= SAMPLES_AT_ONCE for piece in pieces)


def test_a_server_that_changes_while_it_waits_is_sent_once() -> None:
    stream = Stream(NOBODY, Scope())
    stream.offer(ids(range(1, 3)), {}, {}, {})
    stream.begin_with(ids(range(4)))
    stream.offer(ids(range(2, 3)), {}, {}, {})
    [piece] = taken(stream)
    assert b"event: samples\ndata: [0,1,2,3]\n\n" == piece


def test_counts_are_sent_when_they_change() -> None:
    stream = Stream(NOBODY, Scope(counts=True))
    for counts in (b"1", b"1", b"2", b"2"):
        stream.offer({}, {}, {}, {}, counts)
    assert [b"event: counts\ndata: [2]\n\n"] == taken(stream)
    stream.offer({}, {}, {}, {}, b"2")
    assert [] == taken(stream)


def test_a_stream_of_one_page_has_the_alerts_of_all_only_with_the_counts() -> None:
    alerts = {AlertId(7): (ServerId(9), b"7"), AlertId(8): (ServerId(1), b"8")}
    for counts, expected in ((False, b"[8]"), (True, b"[7,8]")):
        stream = Stream(NOBODY, Scope(server_ids=frozenset({ServerId(1)}), counts=counts))
        stream.offer({}, {}, {}, alerts)
        assert [b"event: alerts\ndata: %s\n\n" % expected] == taken(stream)


def test_a_scope_picks_what_changed() -> None:
    changed = ids(range(5))
    assert changed == Scope().of(changed)
    assert ids(range(3, 5)) == Scope(server_ids=frozenset(map(ServerId, range(3, 9)))).of(changed)
    assert {} == Scope(server_ids=frozenset()).of(changed)
