"""Deleting a person says what would be lost, and hands over what they have."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.accounts.personal_tokens import CreateToken
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.leaving import DeleteUser, Part, PreviewDeletion
from monitor.application.policies.silences import CreateSilence
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.accounts.users import User
from monitor.domain.errors import Forbidden, InvalidInput, NotFound
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.notifications.channels import EMAIL, Channel
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Override, Rota
from monitor.domain.oncall.ways import MAIL, Way
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence
from tests.unit.application.alerts.alert_world import ROOT, START, World

HOUR = timedelta(hours=1)


class Leaving:
    """People of an installation, one of whom leaves."""

    def __init__(self) -> None:
        self.world = World()
        self.ann, self.ben, self.eve = (
            self.world.person(name, f"{name}@example.com") for name in ("ann", "ben", "eve")
        )

    def stored(self, add: str, thing: Any) -> Any:
        with self.world.process.uow() as uow:
            made = getattr(uow, add).add(thing)
            uow.commit()
        return made

    def rota(self, name: str, *people: User, **more: Any) -> Rota:
        ids = tuple(each.id for each in people)
        made: Rota = self.stored("rotas", Rota(name=name, timezone="UTC", starts_at=START, user_ids=ids, **more))
        return made

    def escalation(self, name: str, *to: Target) -> Escalation:
        steps = (Step(timedelta(0), to[:1]), *([Step(HOUR, to[1:])] if to[1:] else []))
        made: Escalation = self.stored("escalations", Escalation(name=name, steps=steps))
        return made

    def team(self, name: str, *people: User) -> Team:
        ids = frozenset(each.id for each in people)
        made: Team = self.stored("teams", Team(name=name, access=TeamAccess.READ, created_at=START, user_ids=ids))
        return made

    def preview(self, user: User, to: User | None = None, actor: Actor = ROOT) -> dict[str, Part]:
        parts = self.world.process.get(PreviewDeletion)(actor, user.id, None if to is None else to.id)
        return {part.kind: part for part in parts}

    def delete(self, user: User, to: User | None = None) -> None:
        self.world.process.get(DeleteUser)(ROOT, user.id, None if to is None else to.id)

    @property
    def directory(self) -> Directory:
        return self.world.process.fleet.visible_to(ROOT).directory


def names(part: Part) -> tuple[list[str], list[str]]:
    """What is lost, and what is not."""
    lost, kept = ([each.name for each in part.first if each.is_lost is wanted] for wanted in (True, False))
    return lost, kept


def user_target(user: User) -> Target:
    return Target(TargetKind.USER, user.id)


@pytest.fixture
def leaving() -> Leaving:
    return Leaving()


def actor_of(user: User) -> Actor:
    return Actor(user_id=user.id, username=user.username, role=user.role)


def filled(site: Leaving) -> Leaving:
    """Ann has one of everything that only she has, and shares one with Ben."""
    ann, ben = site.ann, site.ben
    site.world.server("alone", "10.0.0.1", [ann])
    site.world.server("shared", "10.0.0.2", [ann, ben])
    own, _ = site.team("own", ann), site.team("ours", ann, ben)
    site.rota("nights", ann)
    days = site.rota("days", ann, ben, overrides=(Override(ann.id, START, START + HOUR),))
    site.escalation("to ann", user_target(ann), Target(TargetKind.TEAM, own.id))
    site.escalation("to both", user_target(ann), Target(TargetKind.ROTA, days.id))
    site.escalation("and a few more", user_target(ann), Target(TargetKind.LINKED))
    site.escalation("not hers", user_target(ben))
    process, actor = site.world.process, actor_of(ann)
    silence = Silence(
        scope=Scope(server_id=next(iter(site.directory.servers))),
        starts_at=START,
        ends_at=START + HOUR,
        reason="a new disk",
        created_at=START,
    )
    process.get(CreateSilence)(actor, silence)
    process.get(CreateToken)(actor, name="script", scope=TokenScope.READ, expires_at=None)
    box = Channel(name="her box", kind=EMAIL, settings={"address": "Ann@example.com"}, created_at=START)
    site.stored("channels", box)
    with process.uow() as uow:
        uow.ways.replace(ann.id, [Way(user_id=ann.id, kind=MAIL)])
        uow.preferences.save({"last_resort": f"user:{ann.id}"})
        uow.commit()
    return site


def test_a_preview_says_what_only_they_have(leaving: Leaving) -> None:
    found = filled(leaving).preview(leaving.ann)
    assert {kind: names(part) for kind, part in found.items()} == {
        "servers": (["alone"], []),
        "teams": (["own"], ["ours"]),
        "rotas": (["nights"], ["days"]),
        "escalations": (["to ann"], ["and a few more", "to both"]),
        "last_resort": (["ann"], []),
        "silences": ([], ["a new disk"]),
        "keys": ([], []),
        "channels": ([], ["her box"]),
        "ways": ([MAIL], []),
        "tokens": (["script"], []),
    }


def test_what_is_handed_over_is_not_lost(leaving: Leaving) -> None:
    found = filled(leaving).preview(leaving.ann, leaving.eve)
    assert {"ways", "tokens"} == {kind for kind, part in found.items() if part.lost}


def test_another_person_has_it_all_after_the_deletion(leaving: Leaving) -> None:
    before = filled(leaving).preview(leaving.ann)
    leaving.delete(leaving.ann, leaving.eve)
    after = leaving.preview(leaving.eve)
    for kind in ("servers", "teams", "rotas", "escalations", "silences"):
        assert names(before[kind]) == names(after[kind]), kind
    assert (("user", leaving.eve.id),) == leaving.directory.preferences.last_resort
    with pytest.raises(NotFound):
        leaving.preview(leaving.ann)
    entries = leaving.world.process.queries.audit.newest(ROOT, limit=3)
    assert ["user.delete", "user.hand_over"] == [entry.action for entry in entries[:2]]
    for words in ('to: null -> "eve"', "servers: null -> 2", "rotas: null -> 2", "last_resort: null -> 1"):
        assert words in entries[1].detail
    assert "ann" == entries[1].target


def test_without_a_successor_nothing_is_handed_over(leaving: Leaving) -> None:
    filled(leaving).delete(leaving.ann)
    assert 0 == sum(part.count for part in leaving.preview(leaving.eve).values())
    actions = [entry.action for entry in leaving.world.process.queries.audit.newest(ROOT, limit=2)]
    assert "user.hand_over" not in actions


@pytest.mark.parametrize(
    ("own", "other", "is_lost", "kept"),
    [
        (Role.USER, Role.USER, False, True),
        (Role.USER, Role.ADMIN, True, False),
        (Role.USER, None, True, False),
        (Role.ADMIN, Role.USER, False, True),
        (Role.ADMIN, Role.ADMIN, False, True),
        (Role.ADMIN, None, False, True),
    ],
)
def test_fleet_keys_go_to_a_person_of_the_same_role(
    leaving: Leaving, own: Role, other: Role | None, is_lost: bool, kept: bool
) -> None:
    """One of a user would reach all servers as that of an administrator."""
    process, ann = leaving.world.process, leaving.ann
    with process.uow() as uow:
        key = ApiKey(name="agents", digest=b"d", prefix="mf_", created_at=START, owner_id=ann.id)
        key = uow.api_keys.add(key)
        uow.users.save(replace(ann, role=own))
        uow.users.save(replace(leaving.ben, role=other or Role.USER))
        uow.users.save(replace(leaving.eve, role=Role.ADMIN))  # the last administrator is kept
        uow.commit()
    to = None if other is None else leaving.ben
    assert (int(is_lost), 1) == (leaving.preview(ann, to)["keys"].lost, leaving.preview(ann, to)["keys"].count)
    leaving.delete(ann, to)
    left = [each.owner_id for each in leaving.directory.keys.values() if each.id == key.id]
    assert left == ([leaving.ben.id if own is other else None] if kept else [])


def test_an_unknown_successor_and_the_person_are_refused(leaving: Leaving) -> None:
    for wanted in (leaving.ann.id, UserId(4711)):
        for work in (leaving.world.process.get(DeleteUser), leaving.world.process.get(PreviewDeletion)):
            with pytest.raises(InvalidInput) as refusal:
                work(ROOT, leaving.ann.id, wanted)
            assert {"hand_over_to"} == set(refusal.value.problems)
    assert leaving.ann.id in leaving.directory.users


def test_administrators_alone_see_a_preview(leaving: Leaving) -> None:
    with pytest.raises(Forbidden):
        leaving.preview(leaving.ann, actor=actor_of(leaving.ben))


@st.composite
def sites(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]], list[list[int]], int]:
    """People by number in servers, teams and rotas; and who takes over."""
    some = st.lists(st.lists(st.integers(0, 2), max_size=4), max_size=3)
    return draw(some), draw(some), draw(some), draw(st.integers(1, 2))


@given(sites())
def test_no_place_is_empty_after_a_hand_over(
    site: tuple[list[list[int]], list[list[int]], list[list[int]], int],
) -> None:
    """What had a person has one afterwards, and nobody else's place changes."""
    servers, teams, rotas, number = site
    leaving = Leaving()
    people = [leaving.ann, leaving.ben, leaving.eve]
    to = people[number]

    def ids(of: list[int]) -> list[UserId]:
        return [people[each].id for each in of]

    def moved(of: list[int]) -> list[UserId]:
        return [to.id if each == leaving.ann.id else each for each in ids(of)]

    for n, of in enumerate(servers):
        leaving.world.server(f"web-{n}", f"10.0.0.{n}", [people[each] for each in set(of)])
    for n, of in enumerate(teams):
        leaving.team(f"team {n}", *(people[each] for each in of))
    for n, of in enumerate(rotas):
        leaving.rota(f"rota {n}", *(people[each] for each in of))
    leaving.delete(leaving.ann, to)
    held = leaving.directory
    assert [set(moved(of)) for of in servers] == [set(each.user_ids) for each in held.servers.values()]
    assert [set(moved(of)) for of in teams] == [set(each.user_ids) for each in held.reach.teams.values()]
    assert [tuple(moved(of)) for of in rotas] == [each.user_ids for each in held.roster.rotas.values()]
