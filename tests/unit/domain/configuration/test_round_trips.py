"""A configuration, written as a tree and read again, is the same; and what a file changes is what it says."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.application.configuration.new_ids import referring
from monitor.domain.accounts.actors import UserId
from monitor.domain.checks import kinds
from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import Check
from monitor.domain.configuration.changes import changes
from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.reading import read
from monitor.domain.configuration.references import Installation
from monitor.domain.configuration.writing import tree_of
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.fleet.teams import EscalationId, Team, TeamAccess, TeamId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import (
    EMAIL,
    EVERYTHING,
    Channel,
    ChannelForm,
    ChannelId,
    ChannelScope,
    Setting,
)
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Hours, Rota, RotaId
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import THRESHOLD, Policy, PolicyId, PolicyKind, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.recurrence import Recurrence

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = ["web", "web (2)", "db", "10.0.0.2", "null", "a: b", "日志", "-"]
TAGS = ["web", "db", "no"]
FORM = ChannelForm(
    kind=EMAIL,
    label=("", ""),
    settings=(Setting(name="address", label=("", "")), Setting(name="token", label=("", ""), secret=True)),
)
NOTES = ("", "no", "Restart it:\n\n1. `a: #b`\r\n\t2. ~ \n", "\n", "* 重启\n" * 50)
thresholds = {"warning": st.just(70.0), "critical": st.sampled_from([80.0, 90.5])}
OPTIONS: dict[PolicyKind, st.SearchStrategy[dict[str, Any]]] = {
    THRESHOLD: st.fixed_dictionaries(thresholds, optional={"clear_margin": st.sampled_from([0.0, 0.1])}),
    FORECAST: st.fixed_dictionaries(
        thresholds,
        optional={"over": st.just(timedelta(hours=1)), "within": st.just(timedelta(days=1, microseconds=1))},
    ),
    RANGE: st.fixed_dictionaries(
        {},
        optional={
            "days": st.sampled_from([1, 30]),
            "beyond": st.sampled_from([0.0, 0.1, 1e-7]),
            "level": st.just(Level.CRITICAL),
        },
    ),
}
recurrences = st.builds(
    Recurrence,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    starts=st.sampled_from([time(2, 30), time(23, 59)]),
    lasts=st.sampled_from([timedelta(minutes=1), timedelta(days=1), timedelta(seconds=90.5)]),
    zone=st.sampled_from(["UTC", "Europe/Berlin"]),
)
names, tags = st.sampled_from(NAMES), st.frozensets(st.sampled_from(TAGS))


@st.composite
def installations(draw: st.DrawFn) -> Installation:
    called = draw(st.lists(names, min_size=3, max_size=5))
    servers = [
        Server(id=ServerId(number), name=name, ip_address=f"10.0.0.{number}", created_at=NOW)
        for number, name in enumerate(called, 1)
    ]
    users = {UserId(1): "alice", UserId(2): "no", UserId(3): "3"}
    return Installation(servers={server.id: server for server in servers}, users=users, forms={EMAIL: FORM})


HOURS = st.builds(
    Hours, st.frozensets(st.integers(0, 6), min_size=1), st.sampled_from([time(9), time(22)]), st.just(time(7, 30))
)


def channel_scopes(
    installation: Installation, teams: tuple[Team, ...], checks: tuple[Check, ...]
) -> st.SearchStrategy[ChannelScope]:
    given: dict[str, list[Any]] = {
        "tag": TAGS,
        "team_id": [each.id for each in teams],
        "server_ids": [frozenset(installation.servers)],
        "check_ids": [frozenset(each.id for each in checks)],
    }
    chosen = [ChannelScope(**{name: value}) for name, values in given.items() for value in values]
    return st.sampled_from([EVERYTHING, *chosen])


@st.composite
def configurations(draw: st.DrawFn, installation: Installation) -> Configuration:
    hosts = st.sampled_from(list(installation.servers))
    seconds = st.sampled_from([60.0, 61.5, 3600.0])
    checks = tuple(
        Check(
            id=ServerId(100 + number),
            name=draw(names),
            kind=kinds.HTTP,
            target=draw(st.sampled_from(["https://u:p@x.example.com/", "https://x.example.com/?a=1#b"])),
            created_at=NOW,
            interval=draw(seconds),
            host_id=draw(st.none() | hosts),
        )
        for number in range(draw(st.integers(0, 4)))
    )
    check_ins = tuple(
        CheckIn(id=ServerId(200 + n), name=draw(names), grace=draw(seconds), period=draw(seconds), created_at=NOW)
        for n in range(draw(st.integers(0, 3)))
    )
    channels = tuple(
        Channel(
            id=ChannelId(number),
            name=draw(names),
            kind=EMAIL,
            settings={"address": f"{number}@example.com", "token": draw(st.sampled_from(["s", "t"]))},
            created_at=NOW,
            least_level=draw(st.sampled_from([Level.WARNING, Level.CRITICAL])),
        )
        for number in range(1, draw(st.integers(1, 4)))
    )
    escalation_ids = [EscalationId(number) for number in range(1, draw(st.integers(1, 4)))]
    escalated = st.none() | st.sampled_from(escalation_ids) if escalation_ids else st.none()
    called = draw(st.lists(names, unique=True, max_size=3))
    teams = tuple(
        Team(
            id=TeamId(number),
            name=name,
            access=draw(st.sampled_from(list(TeamAccess))),
            created_at=NOW,
            user_ids=draw(st.frozensets(st.sampled_from(list(installation.users)))),
            server_ids=draw(st.frozensets(hosts)),
            tags=draw(tags),
            oidc_group=draw(st.none() | st.just("ops")),
            escalation_id=draw(escalated),
        )
        for number, name in enumerate(called, 1)
    )
    channels = tuple(replace(each, scope=draw(channel_scopes(installation, teams, checks))) for each in channels)
    rotas = tuple(
        Rota(
            id=RotaId(number),
            name=name,
            timezone=draw(st.sampled_from(["UTC", "Europe/Berlin"])),
            starts_at=NOW,
            turn_days=draw(st.integers(1, 9)),
            hours=draw(st.none() | st.lists(HOURS, min_size=1, max_size=2, unique=True).map(tuple)),
            user_ids=tuple(draw(st.permutations(list(installation.users)))[: draw(st.integers(0, 3))]),
        )
        for number, name in enumerate(draw(st.lists(names, unique=True, max_size=3)), 1)
    )
    named = {TargetKind.USER: installation.users, TargetKind.TEAM: [each.id for each in teams]}
    named |= {TargetKind.ROTA: [each.id for each in rotas], TargetKind.CHANNEL: [each.id for each in channels]}
    targets = [Target(TargetKind.LINKED), *(Target(kind, id_) for kind, ids in named.items() for id_ in ids)]
    to = st.lists(st.sampled_from(targets), min_size=1, max_size=3, unique=True).map(tuple)
    escalations = tuple(
        Escalation(
            id=id_,
            name=f"e {id_}" if id_ > 1 else draw(names),
            steps=tuple(Step(timedelta(seconds=60 * n), draw(to)) for n in range(draw(st.integers(1, 3)))),
            repeat_after=timedelta(minutes=5),
            repeats=draw(st.integers(0, 2)),
        )
        for id_ in escalation_ids
    )
    watched = [*installation.servers, *(each.id for each in checks), *(each.id for each in check_ins)]
    scopes = st.one_of(
        st.just(Scope()),
        st.builds(Scope, tag=st.sampled_from(TAGS)),
        st.builds(Scope, server_id=st.sampled_from(watched)),
    )
    watches = st.tuples(st.sampled_from(["cpu", "disk:/var", "x"]), st.sampled_from(list(OPTIONS)), scopes)
    policies = tuple(
        Policy(
            id=PolicyId(n), metric=metric, kind=kind, scope=scope, sustained_for=timedelta(seconds=draw(seconds)),
            enabled=draw(st.booleans()), note=draw(st.sampled_from(NOTES)), escalation_id=draw(escalated),
            **draw(OPTIONS[kind]),
        )
        for n, (metric, kind, scope) in enumerate(draw(st.lists(watches, unique=True, max_size=5)), 1)
    )  # fmt: skip
    silences = tuple(
        Silence(
            id=SilenceId(number),
            scope=draw(scopes),
            starts_at=NOW + timedelta(microseconds=draw(st.integers(0, 999_999))),
            ends_at=NOW + timedelta(seconds=draw(seconds)),
            reason=draw(st.sampled_from(["", "no: #1 'x'"])),
            recurrence=draw(st.none() | recurrences),
            created_at=NOW,
        )
        for number in range(1, draw(st.integers(1, 4)))
    )
    tagged = draw(st.dictionaries(hosts, tags.filter(bool)))
    watched = draw(st.permutations([*installation.servers, *(check.id for check in checks)]))
    depends_on = {  # on later ones: without a cycle
        each: parents
        for place, each in enumerate(watched[:-1])
        if (parents := draw(st.frozensets(st.sampled_from(watched[place + 1 :]), max_size=3)))
    }
    return Configuration(
        checks=checks,
        check_ins=check_ins,
        channels=channels,
        teams=teams,
        rotas=rotas,
        escalations=escalations,
        policies=policies,
        silences=silences,
        tags=tagged,
        depends_on=depends_on,
    )


@given(st.data())
def test_what_is_written_is_read_as_the_same(data: st.DataObject):
    installation = data.draw(installations())
    configuration = data.draw(configurations(installation))
    tree = tree_of(configuration, installation)
    wanted = read(tree, configuration, installation)
    assert wanted.configuration == configuration
    assert [] == changes(configuration, wanted)


@given(st.data())
def test_a_file_of_one_installation_makes_another_the_same(data: st.DataObject):
    """Applied to any other configuration, it is what comes out; secrets aside, which it does not have.

    Of two things with one name, ids decide which is the second, and those that exist elsewhere decide otherwise.
    """
    installation = data.draw(installations())
    before, after = data.draw(configurations(installation)), data.draw(configurations(installation))
    named = (after.checks, after.check_ins, after.channels, after.escalations)
    assume(all(len({each.name for each in held}) == len(held) for held in named))
    masked = replace(after, checks=tuple(replace(each, target="https://x.example.com/") for each in after.checks))
    tree = tree_of(masked, installation)
    wanted = read(tree, before, installation)
    assert () == wanted.missing
    stored = as_stored(wanted.configuration)
    assert sorted_policies(tree_of(stored, installation)) == sorted_policies(tree)
    again = read(tree, stored, installation)
    assert again.configuration == stored


def sorted_policies(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a tree without the order of policies: ids that exist decide about it."""
    return tree | {"policies": sorted(tree["policies"], key=repr)}


def as_stored(found: Configuration) -> Configuration:
    """Return it as a store would have it, in which new things get the next ids in the order of the file."""
    given: dict[Any, Any] = {id_: 1000 - id_ for id_ in range(-1, -200, -1)}

    def id_of(id_: Any) -> Any:
        return given.get(id_, id_)

    def stored(things: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(referring(each, id_of), id=id_of(each.id)) for each in things)

    return Configuration(
        checks=stored(found.checks),
        check_ins=stored(found.check_ins),
        channels=stored(found.channels),
        teams=stored(found.teams),
        rotas=stored(found.rotas),
        escalations=stored(found.escalations),
        policies=stored(found.policies),
        silences=tuple(
            replace(each, id=SilenceId(abs(each.id) + 1000 * (each.id < 0)), scope=referring(each, id_of).scope)
            for each in found.silences
        ),
        tags=found.tags,
        depends_on={id_of(each): frozenset(map(id_of, parents)) for each, parents in found.depends_on.items()},
    )
