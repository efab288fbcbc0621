"""The directory as it would be with another configuration, or after an edit that is about to be saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from monitor.application.configuration.current import Current
from monitor.application.configuration.new_ids import referring
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import FleetChanges
from monitor.domain.accounts.users import User
from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import Check
from monitor.domain.configuration.configuration import Configuration
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.oncall.roster import Roster
from monitor.domain.oncall.rotas import Rota
from monitor.domain.oncall.ways import Way, WayId

_NEW = 2**31
"""New things have higher ids than those that are stored: of several policies for tags, the oldest applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEdit:
    """What somebody is about to save. *rota*, *escalation*: id 0 if new. *keeps_overrides*: the rota's stay as they
    are. *own*: fields of their own `User` (quiet, away). *ways*: their own."""

    rota: Rota | None = None
    keeps_overrides: bool = False
    escalation: Escalation | None = None
    own: Mapping[str, Any] = field(default_factory=dict)
    ways: Sequence[Way] | None = None


def with_configuration(current: Current, wanted: Configuration) -> Directory:
    """Return the directory as it would be with *wanted*."""
    directory, before = current.directory, current.configuration
    ended = {silence.id for silence in directory.rules.silences.all} - {silence.id for silence in before.silences}
    kept = [silence for silence in directory.rules.silences.all if silence.id in ended]
    return directory.with_changes(
        FleetChanges(
            revision=directory.revision,
            servers=_depending({**_tagged(directory, wanted), **_checks(directory, before, wanted)}, directory, wanted),
            teams={**{team.id: None for team in before.teams}, **{team.id: team for team in _stored(wanted.teams)}},
            policies=_stored(wanted.policies),
            silences=sorted([*kept, *_stored(wanted.silences)], key=lambda silence: silence.id),
            channels=_stored(wanted.channels),
            roster=replace(
                directory.roster,
                rotas={rota.id: rota for rota in _stored(wanted.rotas)},
                escalations={escalation.id: escalation for escalation in _stored(wanted.escalations)},
            ),
        )
    )


def with_edit(directory: Directory, edit: RosterEdit, user: User) -> Directory:
    """Return the directory as it would be if *user* saved *edit*."""
    roster, rota = directory.roster, edit.rota
    if rota is not None and edit.keeps_overrides and rota.id in roster.rotas:
        rota = replace(rota, overrides=roster.rotas[rota.id].overrides)
    rotas = roster.rotas if rota is None else {**roster.rotas, rota.id: rota}
    escalations = roster.escalations
    if edit.escalation is not None:
        escalations = {**escalations, edit.escalation.id: edit.escalation}
    ways = roster.ways
    if edit.ways is not None:  # an id each, so that their targets differ
        numbered = [replace(way, id=way.id or WayId(-place)) for place, way in enumerate(edit.ways, 1)]
        ways = {**ways, user.id: numbered}
    return directory.with_changes(
        FleetChanges(
            revision=directory.revision,
            users={user.id: replace(user, **edit.own)} if edit.own else {},
            roster=Roster(rotas=rotas, escalations=escalations, ways=ways),
        )
    )


def _stored(things: Sequence[Any]) -> list[Any]:
    """Give new things ids, as if they were stored, also where others name them. Return all in id order."""
    return sorted(
        (replace(referring(each, _as_stored), id=_as_stored(each.id)) for each in things), key=lambda each: each.id
    )


def _as_stored(id_: int) -> int:
    return id_ if id_ >= 0 else _NEW - id_


def _tagged(directory: Directory, wanted: Configuration) -> dict[ServerId, Server | None]:
    none = frozenset[str]()
    return {
        server.id: replace(server, tags=tags)
        for server in directory.servers.values()
        if (tags := wanted.tags.get(server.id, none)) != server.tags
    }


def _depending(
    changed: dict[ServerId, Server | None], directory: Directory, wanted: Configuration
) -> dict[ServerId, Server | None]:
    """Return *changed* servers and checks, with what they depend on, and others of which only that differs."""
    for held in chain(directory.servers.values(), directory.checks.values()):
        server = changed.get(held.id, held)
        parents = frozenset(ServerId(_as_stored(each)) for each in wanted.depends_on.get(held.id, ()))
        if server is not None and server.depends_on != parents:
            changed[held.id] = replace(server, depends_on=parents)
    return changed


def _checks(directory: Directory, before: Configuration, wanted: Configuration) -> dict[ServerId, Server | None]:
    """Return the rows of checks and check-ins that differ; new ones have no history."""
    own: list[Check | CheckIn] = [*wanted.checks, *wanted.check_ins]
    found: dict[ServerId, Server | None] = dict.fromkeys([*_ids(before.checks), *_ids(before.check_ins)])
    for check in own:
        if (row := directory.checks.get(check.id)) is not None:
            found[check.id] = replace(row, name=check.name, host_id=check.host_id)
    for one in wanted.checks:
        if (held := found.get(one.id)) is not None:
            found[one.id] = replace(held, attempts=one.attempts, report_interval=one.interval)
    return found


def _ids(things: Sequence[Check] | Sequence[CheckIn]) -> list[ServerId]:
    return [each.id for each in things]
