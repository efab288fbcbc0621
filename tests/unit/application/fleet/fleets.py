"""Drawn fleets, for the tests of lists."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.listing import Firing, Moment
from monitor.application.fleet.ports import FleetSnapshot
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.fleet.teams import Reach, Team, TeamAccess, TeamId
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
ANN = Actor(user_id=UserId(1), username="Ann", role=Role.USER)
USERS = {
    UserId(number): User(
        id=UserId(number), username=name, password_hash="", role=Role.USER, created_at=NOW, token_version=1
    )
    for number, name in ((1, "Ann"), (2, "bob"))
}
TEAM = Team(id=TeamId(1), name="Databases", access=TeamAccess.READ, created_at=NOW, tags=frozenset({"db"}))
REACH = Reach.of([TEAM])
GONE = UserId(3)
"""A user who is linked to servers, and unknown."""


@st.composite
def servers(draw: st.DrawFn) -> list[Server]:
    def one(number: int) -> Server:
        return Server(
            id=ServerId(number),
            name=draw(st.sampled_from(["web-2", "web-10", "WEB-2", "db", "Ann's"])),
            ip_address=draw(st.sampled_from(["10.0.0.9", "10.0.0.10", "2001:db8::1"])),
            port=draw(st.sampled_from([22, 2222])),
            tags=frozenset(draw(st.sets(st.sampled_from(["db", "Prod", "web"])))),
            user_ids=frozenset(draw(st.sets(st.sampled_from([*USERS, GONE])))),
            created_at=NOW - timedelta(days=draw(st.integers(0, 2))),
        )

    return [one(number) for number in sorted(draw(st.sets(st.integers(1, 50), max_size=7)))]


@st.composite
def lives(draw: st.DrawFn, number: int) -> Live:
    values = st.sampled_from([0.0, 12.5, 99.0])
    sample = Sample(ServerId(number), NOW, NOW, draw(values), draw(values), draw(values))
    at = NOW - timedelta(seconds=draw(st.integers(0, 2)))
    return draw(
        st.sampled_from(
            [Live(), Live(Status.ONLINE, sample, at), Live(Status.OFFLINE, sample, at), Live(Status.OFFLINE, None, at)]
        )
    )


@dataclass(frozen=True)
class DrawnFleet:
    servers: list[Server]
    live: dict[ServerId, Live]
    firing: dict[ServerId, Firing]
    silenced: set[ServerId]
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "directory", directory_of(self.servers))

    @property
    def moment(self) -> Moment:
        return Moment(self.live, self.firing, lambda server: server.id in self.silenced, USERS, REACH)


@st.composite
def fleets(draw: st.DrawFn) -> DrawnFleet:
    drawn = draw(servers())
    some = st.sets(st.sampled_from([server.id for server in drawn])) if drawn else st.just(set[ServerId]())
    numbers = st.integers(0, 2)
    return DrawnFleet(
        servers=drawn,
        live={id_: draw(lives(id_)) for id_ in draw(some)},
        firing={id_: Firing(draw(numbers), draw(numbers)) for id_ in draw(some)},
        silenced=draw(some),
    )


def directory_of(drawn: list[Server], revision: int = 1) -> Directory:
    return Directory.of(FleetSnapshot(revision=revision, servers=drawn, users=USERS))
