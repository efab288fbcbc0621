"""The sections of a file: what they hold, and how each field of it is written. A new field is one line here."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import (
    DEFAULT_ATTEMPTS,
    DEFAULT_INTERVAL,
    DEFAULT_TIMEOUT,
    NOTHING,
    Check,
    CheckKind,
    Expectation,
)
from monitor.domain.checks.targets import without_password
from monitor.domain.configuration import values
from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.references import CHECK, CHECK_IN, SERVER, USER, References
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
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel
from monitor.domain.policies.kinds.known import KINDS
from monitor.domain.policies.policies import (
    DEFAULT_CLEAR_FOR,
    DEFAULT_CLEAR_MARGIN,
    DEFAULT_SUSTAINED_FOR,
    OWN_FIELDS,
    THRESHOLD,
    Direction,
    Policy,
    Scope,
)
from monitor.domain.policies.silences import Recurrence, Silence

REQUIRED: Any = object()
UNSET_TIME = datetime.fromtimestamp(0, UTC)
"""For when something was created, which is no part of a file."""


@dataclass(frozen=True, slots=True)
class Field:
    """*attribute*: of the thing, if it is not called like the field. *default*: for a file without the field.
    *hides*: what is written is not the whole value, since that is a secret."""

    name: str
    form: Form
    default: Any = REQUIRED
    attribute: str = ""
    hides: bool = False

    @property
    def of(self) -> str:
        return self.attribute or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """*kind*: what one thing of it is called. *is_named*: a mapping by names; else a list. *make*: a new thing."""

    name: str
    kind: str
    fields: tuple[Field, ...]
    make: Callable[..., Any]
    is_named: bool = True


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


_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def _recurrence_of(value: Plain) -> Recurrence:
    given = values.mapping(value)
    values.known(given, ("weekdays", "starts", "duration", "zone"))
    days = given.get("weekdays")
    found = _CLOCK_TIME.fullmatch(values.text(given.get("starts")))
    if found is None:
        raise Unread(Problem("invalid_clock_time"), ("starts",))
    if not isinstance(days, list):
        raise Unread(Problem("wrong_type", {"expected": "list"}), ("weekdays",))
    recurrence: Recurrence = values.built(
        lambda: Recurrence(
            weekdays=frozenset(map(values.whole, days)),
            starts=time(int(found[1]), int(found[2])),
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
    given = values.mapping(value)
    values.known(given, ("status", "text", "record"))
    reads: Mapping[str, Callable[[Plain], Any]] = {"status": values.whole, "text": values.text, "record": values.text}
    return Expectation(**{name: reads[name](each) for name, each in given.items() if each is not None})


def _written_expectation(expect: Expectation) -> Plain:
    given = {"status": expect.status, "text": expect.text, "record": expect.record}
    return {name: value for name, value in given.items() if value is not None} or None


def _settings_of(value: Plain) -> Mapping[str, str]:
    given = values.mapping(value)
    return {name: values.text(each) for name, each in given.items()}


SCOPE = Form(_scope_of, _written_scope)
RECURRENCE = simple(_recurrence_of, _written_recurrence)
EXPECTATION = simple(lambda value: NOTHING if value is None else _expectation_of(value), _written_expectation)
SETTINGS = simple(_settings_of, dict)
LEVEL = choice({"warning": Level.WARNING, "critical": Level.CRITICAL})
_FORMS = {timedelta: SECONDS, int: WHOLE, float: NUMBER, Level: LEVEL}


CHECKS = Section(
    name="checks",
    kind="check",
    make=Check,
    fields=(
        Field("kind", choice({kind.value: kind for kind in CheckKind})),
        Field("target", simple(values.text, without_password), hides=True),
        Field("interval", NUMBER, DEFAULT_INTERVAL),
        Field("timeout", NUMBER, DEFAULT_TIMEOUT),
        Field("attempts", WHOLE, DEFAULT_ATTEMPTS),
        Field("server", optional(values.named(SERVER)), None, "host_id"),
        Field("expect", EXPECTATION, NOTHING),
    ),
)
CHECK_INS = Section(
    name="check_ins",
    kind="check_in",
    make=CheckIn,
    fields=(
        Field("period", optional(NUMBER), None),
        Field("schedule", optional(TEXT), None),
        Field("timezone", TEXT, "UTC"),
        Field("grace", NUMBER),
        Field("server", optional(values.named(SERVER)), None, "host_id"),
    ),
)
CHANNELS = Section(
    name="channels",
    kind="channel",
    make=Channel,
    fields=(
        Field("kind", TEXT),
        Field("settings", SETTINGS, {}, hides=True),
        Field("least_level", LEVEL, Level.WARNING),
        Field("enabled", FLAG, True),
    ),
)
TEAMS = Section(
    name="teams",
    kind="team",
    make=Team,
    fields=(
        Field("access", choice({access.value: access for access in TeamAccess})),
        Field("members", values.all_named(USER), frozenset(), "user_ids"),
        Field("servers", values.all_named(SERVER), frozenset(), "server_ids"),
        Field("tags", TAGS, frozenset()),
        Field("oidc_group", optional(TEXT), None),
    ),
)
POLICIES = Section(
    name="policies",
    kind="policy",
    make=Policy,
    is_named=False,
    fields=(
        Field("metric", TEXT),
        Field("kind", Form(choice(KINDS).read, lambda kind, refs: kind.name), THRESHOLD),
        Field("scope", SCOPE, Scope()),
        Field("warning", optional(NUMBER), None),
        Field("critical", optional(NUMBER), None),
        Field("direction", choice({direction.value: direction for direction in Direction}), Direction.ABOVE),
        Field("sustained_for", SECONDS, DEFAULT_SUSTAINED_FOR),
        Field("clear_margin", optional(NUMBER), DEFAULT_CLEAR_MARGIN),
        Field("clear_for", SECONDS, DEFAULT_CLEAR_FOR),
        *(Field(name, optional(_FORMS[form]), None) for name, form in OWN_FIELDS.items()),
        Field("note", TEXT, ""),
        Field("enabled", FLAG, True),
    ),
)
SILENCES = Section(
    name="silences",
    kind="silence",
    make=Silence,
    is_named=False,
    fields=(
        Field("scope", SCOPE),
        Field("metric", optional(TEXT), None),
        Field("starts_at", MOMENT),
        Field("ends_at", MOMENT),
        Field("recurrence", optional(RECURRENCE), None),
        Field("reason", TEXT, ""),
    ),
)
SECTIONS = (CHECKS, CHECK_INS, CHANNELS, TEAMS, POLICIES, SILENCES)
"""In the order of a file: what others refer to comes first."""
TAG_SECTION = "tags"
ALL = (*(section.name for section in SECTIONS), TAG_SECTION)
