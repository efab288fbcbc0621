"""Stretches are those of what each person sees now, and the same objects where nothing changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.stretches import LENGTH, Stretch, Stretches
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.live import Live
from tests.contracts.builders import ADMIN, a_server

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
ANN = Actor(user_id=UserId(1), username="ann", role=Role.USER)
MANY = 2 * LENGTH + 10
ids = st.integers(1, MANY).map(ServerId)


def a_fleet(count: int, *people: Actor) -> Directory:
    users = frozenset(each.user_id for each in people)
    made = [a_server(f"10.0.{n >> 8}.{n & 255}", id=ServerId(n), user_ids=users) for n in range(1, count + 1)]
    return _with({server.id: server for server in made})


def _with(servers: dict[ServerId, Server]) -> Directory:
    linked = [server for server in servers.values() if ANN.user_id in server.user_ids]
    return replace(EMPTY, servers=servers, servers_of={ANN.user_id: linked}, seen_by_members={})


@dataclass
class Play:
    directory: Directory = field(default_factory=lambda: a_fleet(MANY, ANN))
    live: dict[ServerId, Live] = field(default_factory=dict)
    skews: dict[ServerId, int] = field(default_factory=dict)
    held: Stretches = field(default_factory=Stretches)
    version: int = 0

    def seen_by(self, actor: Actor) -> Sequence[Stretch]:
        return self.held.of(VisibleFleet(self.directory, actor), self.live, self.skews, self.version)


class Changes(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.play = Play()

    @rule(server_id=ids, status=st.sampled_from(Status), reported=st.booleans())
    def report(self, server_id: ServerId, status: Status, reported: bool) -> None:
        self.play.live[server_id] = Live(status, last_report_at=NOW if reported else None)
        self.play.version += 1

    @rule(server_id=ids, skew=st.sampled_from([None, 90]))
    def note_clock(self, server_id: ServerId, skew: int | None) -> None:
        self.play.skews.pop(server_id, None)
        if skew is not None:
            self.play.skews[server_id] = skew
        self.play.version += 1

    @rule(server_id=ids, name=st.sampled_from(["a", "b"]), hers=st.booleans())
    def change(self, server_id: ServerId, name: str, hers: bool) -> None:
        user_ids = frozenset({ANN.user_id} if hers else ())
        servers = dict(self.play.directory.servers)
        server = servers.get(server_id) or a_server(f"10.1.0.{server_id % 256}", id=server_id)
        servers[server_id] = replace(server, name=name, user_ids=user_ids)
        self.play.directory = _with(dict(sorted(servers.items())))
        self.play.version += 1

    @rule(server_id=ids)
    def delete(self, server_id: ServerId) -> None:
        there = self.play.directory.servers.items()
        self.play.directory = _with({id_: each for id_, each in there if id_ != server_id})
        self.play.version += 1

    @invariant()
    def show_what_is_there(self) -> None:
        play = self.play
        for actor in (ADMIN, ANN):
            seen = play.seen_by(actor)
            expected = [
                (server, play.live.get(server.id, Live()), play.skews.get(server.id))
                for server in VisibleFleet(play.directory, actor).servers
            ]
            rows = [row for each in seen for row in zip(each.servers, each.lives, each.clock_skews, strict=True)]
            assert expected == rows
            lives = [live for _, live, _ in expected]
            assert sum(live.status is Status.ONLINE for live in lives) == sum(each.online for each in seen)
            assert sum(live.last_report_at is None for live in lives) == sum(each.never_reported for each in seen)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)


def test_only_the_stretch_in_which_something_changed_is_another_one() -> None:
    play = Play()
    before = play.seen_by(ADMIN)
    assert 3 == len(before)
    play.live[ServerId(LENGTH + 1)] = Live(Status.ONLINE, last_report_at=NOW)
    play.directory = replace(play.directory, servers=dict(play.directory.servers))  # another one of equal servers
    play.version += 1
    after = play.seen_by(ADMIN)
    assert [True, False, True] == [one is other for one, other in zip(before, after, strict=True)]
    assert 1 == after[1].online


def test_without_a_change_nothing_is_looked_at_again() -> None:
    play = Play()
    before = play.seen_by(ADMIN)
    assert play.seen_by(ADMIN) is before
    play.version += 1
    assert play.seen_by(ADMIN) == before


def test_those_who_asked_last_are_kept() -> None:
    play = Play(held=Stretches(at_most=MANY + 10))
    hers = play.seen_by(ANN)
    assert hers[0] is play.seen_by(ANN)[0]
    play.seen_by(ADMIN)
    assert hers[0] is not play.seen_by(ANN)[0]
