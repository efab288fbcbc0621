"""What members of teams may do with servers, and what a tag of a team asks for."""

from collections.abc import Callable

import pytest

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.teams import ChangeTeam, CreateTeam, DeleteTeam
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import Forbidden, InvalidInput, NotFound
from monitor.domain.fleet.errors import TeamNameTaken, TeamTag
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.fleet.teams import Team, TeamAccess, TeamId
from tests.contracts.builders import a_team
from tests.unit.application.core import ROOT, Core

HEADER = "server_name,ip_address,tags\n"


def create(core: Core, access: TeamAccess, *members: Actor, name: str = "web people", tags: str = "web") -> Team:
    team = a_team(name, access=access, user_ids=frozenset(each.user_id for each in members), tags=frozenset({tags}))
    return CreateTeam(core.new_uow, core.clock)(ROOT, team)


def stored(core: Core) -> list[Server]:
    return core.store.queries.servers.find(ROOT, ServerFilter())


CHANGES: dict[str, Callable[[Core, Actor, ServerId], object]] = {
    "update": lambda core, actor, id_: core.update_server(actor, id_, name="new"),
    "delete": lambda core, actor, id_: core.delete_server(actor, id_),
    "delete many": lambda core, actor, id_: core.delete_servers(actor, [id_]),
    "link": lambda core, actor, id_: core.change_servers.link_users(actor, [id_], [actor.user_id]),
    "unlink": lambda core, actor, id_: core.change_servers.unlink_users(actor, [id_], [actor.user_id]),
    "add tags": lambda core, actor, id_: core.change_servers.add_tags(actor, [id_], ["other"]),
    "remove tags": lambda core, actor, id_: core.change_servers.remove_tags(actor, [id_], ["web"]),
    "key": lambda core, actor, id_: core.create_api_key(actor, name="new", server_id=id_),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_reader_changes_nothing(core: Core, ann, bob, change) -> None:
    server = core.server(tags=["web"])
    create(core, TeamAccess.READ, ann)
    before, log = stored(core), core.audit()
    with pytest.raises(Forbidden):
        change(core, ann, server.id)
    with pytest.raises(NotFound):
        change(core, bob, server.id)
    assert (stored(core), core.audit()) == (before, log)


def test_members_do_not_see_in_memory_what_their_team_has_lost(core: Core, ann) -> None:
    server = core.server(tags=["web"])
    team = create(core, TeamAccess.READ, ann)

    def seen() -> list[ServerId]:
        return [each.id for each in core.fleet.visible_to(ann).servers]

    assert seen() == [server.id]
    core.update_server(ROOT, server.id, tags=[])
    assert seen() == []
    core.update_server(ROOT, server.id, tags=["web"])
    assert seen() == [server.id]
    DeleteTeam(core.new_uow, core.clock)(ROOT, team.id)
    assert seen() == []


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_writer_changes_all(core: Core, ann, change) -> None:
    server = core.server(tags=["web"], linked=[ann] if change is CHANGES["unlink"] else [])
    create(core, TeamAccess.WRITE, ann)
    log = core.audit()
    change(core, ann, server.id)
    assert core.audit() != log


def test_a_writer_is_linked_when_the_tag_of_the_team_goes(core: Core, ann) -> None:
    first, second = core.server("10.0.0.1", tags=["web"]), core.server("10.0.0.2", tags=["web"])
    create(core, TeamAccess.WRITE, ann)
    assert core.update_server(ann, first.id, name="new").user_ids == frozenset()
    assert core.update_server(ann, first.id, tags=["db"]).user_ids == {ann.user_id}
    core.change_servers.remove_tags(ann, [second.id], ["web"])
    assert [server.user_ids for server in stored(core)] == [{ann.user_id}] * 2


def test_a_writer_may_unlink_themselves(core: Core, ann) -> None:
    server = core.server(linked=[ann], tags=["web"])
    create(core, TeamAccess.WRITE, ann)
    assert core.update_server(ann, server.id, user_ids=[]).user_ids == frozenset()


ADDITIONS: dict[str, Callable[[Core, Actor, ServerId], object]] = {
    "create": lambda core, actor, _: core.create_server(actor, name="new", ip_address="10.0.0.9", tags=["web"]),
    "update": lambda core, actor, id_: core.update_server(actor, id_, tags=["web"]),
    "add tags": lambda core, actor, id_: core.change_servers.add_tags(actor, [id_], ["web", "x"]),
}


@pytest.mark.parametrize("add", ADDITIONS.values(), ids=ADDITIONS)
def test_a_tag_that_hands_a_server_to_a_team_is_refused(core: Core, ann, bob, add) -> None:
    server = core.server(linked=[ann, bob])
    create(core, TeamAccess.WRITE, bob)
    before, log = stored(core), core.audit()
    with pytest.raises(TeamTag):
        add(core, ann, server.id)
    assert (stored(core), core.audit()) == (before, log)
    add(core, bob, server.id)  # brings it to their own team


def test_a_member_who_reads_may_not_add_its_tag(core: Core, ann) -> None:
    server = core.server(linked=[ann])
    create(core, TeamAccess.READ, ann)
    with pytest.raises(TeamTag):
        core.update_server(ann, server.id, tags=["web"])
    core.update_server(ROOT, server.id, tags=["web"])
    assert core.update_server(ann, server.id, name="new", tags=["web", "db"]).tags == {"web", "db"}  # it had it


def test_a_created_server_is_linked_even_to_a_writer(core: Core, ann) -> None:
    create(core, TeamAccess.WRITE, ann)
    made = core.create_server(ann, name="new", ip_address="10.0.0.9", tags=["web"])
    assert made.user_ids == made.team_writers == {ann.user_id}


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_import_says_which_line_may_not_be(core: Core, ann, dry_run) -> None:
    core.server("10.0.0.1", name="read", tags=["seen"])
    core.server("10.0.0.2", [ann], name="hers")
    create(core, TeamAccess.READ, ann, tags="seen")
    create(core, TeamAccess.WRITE, name="others")
    before = stored(core)
    text = HEADER + "other,10.0.0.1,seen\nhers,10.0.0.2,web\nnew,10.0.0.3,web\n"
    with pytest.raises(InvalidInput) as refused:
        core.import_servers(ann, text, dry_run=dry_run)
    found = {name: problem.code for name, problem in refused.value.problems.items()}
    assert found == {"line 2.ip_address": "read_only", "line 3.tags": "team_tag", "line 4.tags": "team_tag"}
    assert stored(core) == before


def test_an_import_takes_an_unchanged_line_of_a_server_that_one_reads(core: Core, ann) -> None:
    core.server("10.0.0.1", name="read", tags=["seen"])
    create(core, TeamAccess.READ, ann, tags="seen")
    [line] = core.import_servers(ann, HEADER + "read,10.0.0.1,seen\n", dry_run=False)
    assert (line.action, line.server.user_ids) == ("unchanged", frozenset())


def test_teams_are_for_administrators(core: Core, ann) -> None:
    team = create(core, TeamAccess.READ, ann)
    for refused in (
        lambda: CreateTeam(core.new_uow, core.clock)(ann, a_team("new")),
        lambda: ChangeTeam(core.new_uow, core.clock)(ann, team),
        lambda: DeleteTeam(core.new_uow, core.clock)(ann, team.id),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_changes_of_teams_are_audited(core: Core, ann, bob) -> None:
    server = core.server(name="db-1")
    team = create(core, TeamAccess.READ, ann)
    change = ChangeTeam(core.new_uow, core.clock)
    after = a_team(
        "Web", id=team.id, access=TeamAccess.WRITE, user_ids=frozenset({bob.user_id}), server_ids=frozenset({server.id})
    )
    change(ROOT, after)
    change(ROOT, after)  # nothing changes
    DeleteTeam(core.new_uow, core.clock)(ROOT, team.id)
    deleted, changed, created = [entry for entry in core.audit() if entry.action.startswith("team.")]
    assert (created.action, created.target) == ("team.create", "web people")
    assert created.detail == 'access: null -> "read", user_ids: null -> ["ann"], tags: null -> ["web"]'
    assert (changed.action, changed.target) == ("team.update", "Web")
    assert changed.detail == (
        'name: "web people" -> "Web", access: "read" -> "write", user_ids: ["ann"] -> ["bob"], tags: ["web"] -> [], '
        'server_ids: [] -> ["db-1"]'
    )
    assert (deleted.action, deleted.target) == ("team.delete", "Web")


def test_bad_teams_are_refused(core: Core, ann) -> None:
    team = create(core, TeamAccess.READ, ann)
    other = create(core, TeamAccess.READ, name="others", tags="other")
    change = ChangeTeam(core.new_uow, core.clock)
    log = core.audit()
    for bad, error in (
        (a_team("new", user_ids=frozenset({UserId(4711)})), InvalidInput),
        (a_team("new", server_ids=frozenset({ServerId(4711)})), InvalidInput),
        (a_team("WEB people"), TeamNameTaken),
    ):
        with pytest.raises(error):
            CreateTeam(core.new_uow, core.clock)(ROOT, bad)
        with pytest.raises(error):
            change(ROOT, a_team(bad.name, id=other.id, user_ids=bad.user_ids, server_ids=bad.server_ids))
    with pytest.raises(NotFound):
        change(ROOT, a_team("new", id=TeamId(4711)))
    assert core.audit() == log
    directory = Directory.of(core.store.queries.fleet.snapshot())
    assert [each.name for each in directory.reach.teams.values()] == [team.name, other.name]
