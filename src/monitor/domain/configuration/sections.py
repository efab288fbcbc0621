"""The sections of a file: what they hold, and how each field of it is written. A new field is a name here.

Its form and its default are those of the field of the thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

from monitor.domain.accounts.actors import UserId
from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import Check
from monitor.domain.checks.kinds import ASKED, NOTHING, CheckKind, Expectation
from monitor.domain.checks.kinds import KINDS as CHECK_KINDS
from monitor.domain.checks.requests import Header, Request
from monitor.domain.checks.targets import MASK, without_password
from monitor.domain.configuration import values
from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.depending import DEPENDS_SECTION
from monitor.domain.configuration.oncall import CHANNEL_SCOPE, HOURS, STEPS, TURN
from monitor.domain.configuration.references import (
    CHANNEL,
    CHECK,
    CHECK_IN,
    ESCALATION,
    ROTA,
    SERVER,
    TEAM,
    USER,
    References,
)
from monitor.domain.configuration.values import (
    FLAG,
    MOMENT,
    NUMBER,
    SECONDS,
    TAGS,
    TEXT,
    WHOLE,
    Form,
    Plain,
    Unread,
    choice,
    optional,
    simple,
)
from monitor.domain.errors import Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import EscalationId, Team
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind, ChannelScope
from monitor.domain.oncall.escalations import Escalation, Step
from monitor.domain.oncall.limits import MAX_ESCALATIONS, MAX_ROTAS
from monitor.domain.oncall.rotas import Hours, Rota
from monitor.domain.policies.kinds.known import KINDS
from monitor.domain.policies.policies import OWN_FIELDS, Policy, PolicyKind, Scope
from monitor.domain.policies.silences import Silence
from monitor.domain.recurrence import Recurrence
from monitor.domain.times import clock_time

REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Field:
    """*of*: the attribute of the thing. *default*: for a file without the field. *hides*: what is written is not the
    whole value, since that is a secret."""

    name: str
    of: str
    form: Form
    default: Any
    hides: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """*kind*: what one thing of it is called. *is_named*: a mapping by names; else a list. *make*: a new thing. *most*:
    how many it may have."""

    name: str
    kind: str
    fields: tuple[Field, ...]
    make: Callable[..., Any]
    is_named: bool = True
    most: int | None = None


def _scope_of(value: Plain, refs: References, path: Path) -> Scope:
    if value == "everything":
        return Scope()
    if not isinstance(value, dict) or len(value) != 1:
        raise values.wrong_type("everything, or one of server, check, check_in and tag with a name")
    values.known(value, (SERVER, CHECK, CHECK_IN, "tag"))
    [(kind, given)] = value.items()
    name = values.text(given)
    if kind == "tag":
        return values.built(lambda: Scope(tag=name))
    return Scope(server_id=refs.id_of(kind, name, (*path, kind)))  # type: ignore[arg-type]  # an id below 0 too


def _written_scope(scope: Scope, refs: References) -> Plain:
    if scope.tag is not None:
        return {"tag": scope.tag}
    if scope.server_id is None:
        return "everything"
    kind = refs.kind_of(scope.server_id)
    return {kind: refs.name_of(kind, scope.server_id)}


def _recurrence_of(value: Plain) -> Recurrence:
    given = values.mapping(value)
    values.known(given, ("weekdays", "starts", "duration", "zone"))
    days = given.get("weekdays")
    if not isinstance(days, list):
        raise Unread(Problem("wrong_type", {"expected": "list"}), ("weekdays",))
    recurrence: Recurrence = values.built(
        lambda: Recurrence(
            weekdays=frozenset(map(values.whole, days)),
            starts=clock_time("starts", values.text(given.get("starts"))),
            lasts=values.span(given.get("duration")),
            zone=values.text(given.get("zone", "UTC")),
        )
    )
    return recurrence


def _written_recurrence(recurrence: Recurrence) -> Plain:
    return {
        "weekdays": sorted(recurrence.weekdays),
        "starts": f"{recurrence.starts:%H:%M}",
        "duration": values.shortest(recurrence.lasts.total_seconds()),
        "zone": recurrence.zone,
    }


def _expectation_of(value: Plain) -> Expectation:
    if value is None:
        return NOTHING
    given = values.mapping(value)
    values.known(given, Expectation.__slots__)
    reads: Mapping[str, Callable[[Plain], Any]] = {"status": values.whole}
    return Expectation(**{name: reads.get(name, values.text)(each) for name, each in given.items() if each is not None})


def _written_expectation(expect: Expectation) -> Plain:
    given = {name: getattr(expect, name) for name in Expectation.__slots__}
    return {name: value for name, value in given.items() if value is not None} or None


def _request_of(value: Plain) -> Request:
    given = dict(values.mapping({} if value is None else value))
    values.known(given, ASKED)
    with values.at("headers"):
        headers = tuple(values.listed(given.pop("headers", []), lambda each, _: _header_of(values.mapping(each))))
    reads: Mapping[str, Callable[[Plain], Any]] = {"redirects": values.whole}
    return Request(headers=headers, **{name: reads.get(name, values.text)(each) for name, each in given.items()})


def _header_of(given: Mapping[str, Plain]) -> Header:
    values.known(given, Header.__slots__)
    name, value = (values.text(given.get(each, "")) for each in ("name", "value"))
    secret = values.flag(given.get("secret", False))
    return values.built(lambda: Header(name=name, value="" if secret and value == MASK else value, secret=secret))


def _written_request(request: Request) -> Plain:
    found = {name: getattr(request, name) for name in request.given()}
    if request.headers:
        found["headers"] = [
            {"name": each.name} | ({"value": MASK, "secret": True} if each.secret else {"value": each.value})
            for each in request.headers
        ]
    return found or None


def _settings_of(value: Plain) -> Mapping[str, str]:
    given = values.mapping(value)
    return {name: values.text(each) for name, each in given.items()}


def _of_list(known: Mapping[str, Any]) -> Form:
    """Return the form of one of the things in a list, to which others may be added."""
    return Form(choice(known).read, lambda thing, refs: thing.name)


SCOPE = Form(_scope_of, _written_scope)
_FORMS: dict[Any, Form] = {
    str: TEXT,
    ChannelKind: TEXT,
    float: NUMBER,
    int: WHOLE,
    bool: FLAG,
    timedelta: SECONDS,
    datetime: MOMENT,
    Level: choice({level.name.lower(): level for level in (Level.WARNING, Level.CRITICAL)}),
    CheckKind: _of_list(CHECK_KINDS),
    PolicyKind: _of_list(KINDS),
    Scope: SCOPE,
    Recurrence: simple(_recurrence_of, _written_recurrence),
    Expectation: simple(_expectation_of, _written_expectation),
    Request: simple(_request_of, _written_request),
    Mapping[str, str]: simple(_settings_of, dict),
    frozenset[str]: TAGS,
    frozenset[UserId]: values.all_named(USER),
    frozenset[ServerId]: values.all_named(SERVER),
    ServerId: values.named(SERVER),
    EscalationId: values.named(ESCALATION),
    ChannelScope: CHANNEL_SCOPE,
    tuple[UserId, ...]: values.in_order(USER),
    tuple[Hours, ...]: HOURS,
    tuple[Step, ...]: STEPS,
}
"""By the type of the field."""
_ATTRIBUTES = {
    "server": "host_id",
    "members": "user_ids",
    "servers": "server_ids",
    "escalation": "escalation_id",
    "users": "user_ids",
    "turn": "turn_days",
}
_SECRET = {"target": simple(values.text, without_password)} | {
    name: _FORMS[kind] for name, kind in (("settings", Mapping[str, str]), ("request", Request))
}
_DEFAULTS: dict[str, Any] = {"settings": {}, "reason": ""}


def _section(
    make: type[Any], name: str, kind: str, names: str, *, is_named: bool = True, most: int | None = None
) -> Section:
    """*names*: of the fields, in the order of a file."""
    hints, usual = get_type_hints(make), {each.name: each.default for each in fields(make)}
    return Section(
        name=name,
        kind=kind,
        fields=tuple(_field(each, hints, usual) for each in names.split()),
        make=make,
        is_named=is_named,
        most=most,
    )


def _field(name: str, hints: Mapping[str, Any], usual: Mapping[str, Any]) -> Field:
    of = _ATTRIBUTES.get(name, name)
    default = _DEFAULTS.get(name, REQUIRED) if usual[of] is MISSING else usual[of]
    form = _SECRET.get(name) or (TURN if name == "turn" else _form_of(hints[of]))
    return Field(name, of, optional(form) if default is None else form, default, name in _SECRET)


def _form_of(hint: Any) -> Form:
    kind = get_args(hint)[0] if NoneType in get_args(hint) else hint
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return choice({each.value: each for each in kind})
    return _FORMS[kind]


CHECKS = _section(Check, "checks", CHECK, "kind target interval timeout attempts server expect request")
CHECK_INS = _section(CheckIn, "check_ins", CHECK_IN, "period schedule timezone grace server")
TEAMS = _section(Team, "teams", TEAM, "access members servers tags oidc_group escalation")
CHANNELS = _section(Channel, "channels", CHANNEL, "kind settings least_level scope enabled")
ROTAS = _section(Rota, "rotas", ROTA, "timezone starts_at turn hours users", most=MAX_ROTAS)
ESCALATIONS = _section(Escalation, "escalations", ESCALATION, "steps repeat_after repeats", most=MAX_ESCALATIONS)
POLICIES = _section(
    Policy,
    "policies",
    "policy",
    "metric kind scope warning critical direction sustained_for clear_margin clear_for "
    f"{' '.join(OWN_FIELDS)} escalation note enabled",
    is_named=False,
)
SILENCES = _section(Silence, "silences", "silence", "scope metric starts_at ends_at recurrence reason", is_named=False)
SECTIONS = (CHECKS, CHECK_INS, TEAMS, CHANNELS, ROTAS, ESCALATIONS, POLICIES, SILENCES)
"""In the order of a file: what others refer to comes first, except for the escalations of teams."""
TAG_SECTION = "tags"
ALL = (*(section.name for section in SECTIONS), TAG_SECTION, DEPENDS_SECTION)
