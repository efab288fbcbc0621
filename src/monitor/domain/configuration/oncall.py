"""How a file has rotas, the steps of escalations, and the scopes of channels."""

from collections.abc import Sequence

from monitor.domain.configuration import values
from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.references import CHECK, CHECK_IN, SERVER, TEAM, References
from monitor.domain.configuration.values import Form, Plain, Unread, choice, simple
from monitor.domain.errors import Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import TeamId
from monitor.domain.notifications.channels import EVERYTHING, ChannelScope
from monitor.domain.oncall.escalations import Step, Target, TargetKind
from monitor.domain.oncall.rotas import DAY_NAMES, Hours
from monitor.domain.times import clock_time

_DAY = choice({name: day for day, name in enumerate(DAY_NAMES)})
_LISTS = {"servers": SERVER, "checks": CHECK, "check_ins": CHECK_IN}
"""Of a channel's scope."""
_NOTHING = ServerId(0)
"""In a scope of which all is deleted, which a file has as `servers: []`: it must not become one of everything."""


def _turn_of(value: Plain) -> int:
    given = values.mapping(value)
    values.known(given, ("days",))
    return values.whole(given.get("days"))


def _hours_of(value: Plain, refs: References, path: Path) -> tuple[Hours, ...]:
    def read(each: Plain, _: int) -> Hours:
        given = values.mapping(each)
        values.known(given, ("days", "from", "to"))
        with values.at("days"):
            days: list[int] = values.listed(given.get("days"), lambda day, _: _DAY.read(day, refs, path))
        texts = {name: values.text(given.get(name)) for name in ("from", "to")}
        return values.built(lambda: Hours(frozenset(days), *(clock_time(*each) for each in texts.items())))

    if value == []:
        raise Unread(Problem("empty"))
    return tuple(values.listed(value, read))


def _written_hours(hours: Sequence[Hours], refs: References) -> Plain:
    return [
        {
            "days": [DAY_NAMES[day] for day in sorted(each.weekdays)],
            "from": f"{each.starts:%H:%M}",
            "to": f"{each.ends:%H:%M}",
        }
        for each in hours
    ]


def _steps_of(value: Plain, refs: References, path: Path) -> tuple[Step, ...]:
    def read(each: Plain, place: int) -> Step:
        given, of = values.mapping(each), (*path, place, "to")
        values.known(given, ("after", "to"))
        with values.at("after"):
            after = values.span(given.get("after"))
        with values.at("to"):
            to = values.listed(given.get("to", []), lambda target, number: _target_of(target, refs, (*of, number)))
        return values.built(lambda: Step(after, tuple(to)))

    return tuple(values.listed(value, read))


def _target_of(value: Plain, refs: References, path: Path) -> Target:
    given = values.mapping(value)
    values.known(given, tuple(TargetKind))
    if len(given) != 1 or given.get(TargetKind.LINKED, True) is not True:
        raise values.wrong_type("one of user, team, rota and channel with a name, or linked: true")
    [(kind, name)] = given.items()
    if kind == TargetKind.LINKED:
        return Target(TargetKind.LINKED)
    return Target(TargetKind(kind), refs.id_of(kind, values.text(name), (*path, kind)))


def _written_steps(steps: Sequence[Step], refs: References) -> Plain:
    return [
        {
            "after": values.shortest(step.after.total_seconds()),
            "to": [{each.kind.value: refs.name_of(each.kind, each.id) if each.id else True} for each in step.to],
        }
        for step in steps
    ]


def _scope_of(value: Plain, refs: References, path: Path) -> ChannelScope:
    given = values.mapping({} if value == "everything" else value)
    values.known(given, ("tag", "team", *_LISTS))
    if len({"checks" if name == "check_ins" else name for name in given}) > 1:
        raise values.wrong_type("everything, or one of tag, team, servers, and checks with check_ins")
    ids = dict.fromkeys(_LISTS, frozenset[ServerId]())
    for name, kind in _LISTS.items():
        if name in given:
            with values.at(name):
                ids[name] = values.all_named(kind).read(given[name], refs, (*path, name))
    if not any(given.values()) and given:
        ids["servers"] = frozenset({_NOTHING})
    tag, team = (values.text(given[name]) if name in given else None for name in ("tag", "team"))
    return values.built(
        lambda: ChannelScope(
            tag=tag,
            team_id=None if team is None else TeamId(refs.id_of(TEAM, team, (*path, "team"))),
            server_ids=ids["servers"],
            check_ids=ids["checks"] | ids["check_ins"],
        )
    )


def _written_scope(scope: ChannelScope, refs: References) -> Plain:
    if scope.tag is not None:
        return {"tag": scope.tag}
    if scope.team_id is not None and refs.has(TEAM, scope.team_id):
        return {"team": refs.name_of(TEAM, scope.team_id)}
    found = {}
    for name, kind in _LISTS.items():
        ids = scope.server_ids if kind == SERVER else scope.check_ids
        if names := sorted(refs.name_of(kind, each) for each in ids if refs.has(kind, each)):
            found[name] = names
    return found if found or scope == EVERYTHING else {"servers": []}


TURN = simple(_turn_of, lambda days: {"days": days})
HOURS = Form(_hours_of, _written_hours)
STEPS = Form(_steps_of, _written_steps)
CHANNEL_SCOPE = Form(_scope_of, _written_scope)
