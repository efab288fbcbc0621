"""Which connection is ended when there are too many."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

from monitor.adapters.http.edge.connections import ROOM, Cause, Connections, expect, note_known

Scene = Callable[[Connections], None]


class FakePeer:
    def __init__(self, address: str = "203.0.113.5", *, is_busy: bool = False) -> None:
        self.address = address
        self.is_busy = is_busy
        self.checks = 0
        self.is_aborted = False

    def check(self) -> Cause | None:
        self.checks += 1
        return None

    def abort(self) -> None:
        self.is_aborted = True


def play(scene: Scene, most: int = 50_000, per_address: int = 100, seconds: int = 0, **more: Any) -> Connections:
    """Run *scene* on an event loop; then some short seconds pass."""
    connections = Connections(per_address, **more)
    connections.most, connections.second = most, 0.001

    async def run() -> None:
        scene(connections)
        watch = FakePeer("192.0.2.254")
        connections.add(watch)
        while watch.checks < seconds:
            await asyncio.sleep(0)

    asyncio.run(run())
    return connections


def connected(connections: Connections, count: int, address: str = "203.0.113.5") -> list[FakePeer]:
    peers = [FakePeer(address) for _ in range(count)]
    for peer in peers:
        connections.add(peer)
    return peers


def known(connections: Connections, count: int) -> list[FakePeer]:
    peers = []
    for _ in range(count):
        peers += connected(connections, 1, "192.0.2.1")
        connections.note_known(peers[-1])
    return peers


def aborted(peers: list[FakePeer]) -> list[int]:
    return [place for place, peer in enumerate(peers) if peer.is_aborted]


def test_the_oldest_unknown_is_ended() -> None:
    def scene(connections: Connections) -> None:
        agents, idle = known(connections, 20), connected(connections, 200)
        assert ([], list(range(120))) == (aborted(agents), aborted(idle))
        assert {Cause.ROOM: 120} == connections.ended

    play(scene, most=100)


def test_a_tenth_is_for_known_ones() -> None:
    def scene(connections: Connections) -> None:
        assert 10 == len(aborted(connected(connections, 100)))

    play(scene, most=100)


def test_one_that_is_being_answered_is_ended_last() -> None:
    def scene(connections: Connections) -> None:
        peers = connected(connections, 90)
        for peer in peers[:5]:
            peer.is_busy = True
        connected(connections, 1)
        assert [5] == aborted(peers)

    play(scene, most=100)


def test_an_agent_gets_in_during_a_flood() -> None:
    def scene(connections: Connections) -> None:
        agents = known(connections, 50)
        connected(connections, 500)
        (agent,) = known(connections, 1)
        connected(connections, 500)
        assert [] == aborted([*agents, agent])

    play(scene, most=100)


def test_more_agents_than_connections_take_turns() -> None:
    """The longest idle one is ended, and comes back with its next report."""

    def scene(connections: Connections) -> None:
        assert list(range(400 + ROOM)) == aborted(known(connections, 500))
        assert 100 - ROOM == connections.known

    play(scene, most=100)


def test_old_live_streams_do_not_protect_idle_ones() -> None:
    """More of them than are searched at once."""

    def scene(connections: Connections) -> None:
        streams = known(connections, 60)
        for peer in streams:
            peer.is_busy = True
        agents = known(connections, 200)
        assert ([], []) == (aborted(streams), aborted(agents[-20:]))
        assert [False] == [peer.is_aborted for peer in connected(connections, 1)]
        assert connections.known <= 100

    play(scene, most=100)


def test_if_all_are_known_and_busy_the_new_one_is_ended() -> None:
    def scene(connections: Connections) -> None:
        for peer in known(connections, 84):
            peer.is_busy = True
        connected(connections, 16)
        for _ in range(16):
            known(connections, 1)[0].is_busy = True
        assert (True, 100) == (connected(connections, 1)[0].is_aborted, connections.known)

    play(scene, most=100)


def test_unknown_connections_of_one_address_are_limited() -> None:
    def scene(connections: Connections) -> None:
        seen["agents"] = known(connections, 300)
        seen["idle"] = connected(connections, 30)
        seen["others"] = connected(connections, 10, "203.0.113.6")

    seen: dict[str, list[FakePeer]] = {}
    connections = play(scene, per_address=10, seconds=4)
    assert ([], list(range(20)), []) == tuple(aborted(peers) for peers in seen.values())
    assert {Cause.PER_ADDRESS: 20} == connections.ended


def test_an_ipv6_host_has_one_address_and_a_mapped_one_its_own() -> None:
    def scene(connections: Connections) -> None:
        for number in range(30):
            seen.extend(connected(connections, 1, f"2001:db8::{number:x}"))
            seen.extend(connected(connections, 1, f"::ffff:192.0.2.{number}"))

    seen: list[FakePeer] = []
    play(scene, per_address=10, seconds=4)
    assert list(range(0, 40, 2)) == aborted(seen)


def test_a_trusted_proxy_may_have_many() -> None:
    def scene(connections: Connections) -> None:
        seen.extend(connected(connections, 90, "10.0.0.1"))

    seen: list[FakePeer] = []
    connections = play(scene, per_address=10, seconds=4, trusted=[ip_network("10.0.0.0/8")])
    assert ([], 90) == (aborted(seen), connections.known)


def test_a_request_notes_once_that_its_client_is_known() -> None:
    notes: list[int] = []
    scope: dict[str, Any] = {}
    expect(scope, lambda: notes.append(1))
    note_known(scope)
    note_known(scope)
    assert ([1], {}) == (notes, scope)
