"""Which thresholds make sense, and which policy is a server's."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.check_policies import applicable, default_policies, ranked
from monitor.domain.policies.policies import (
    CLOCK,
    DEFAULT_THRESHOLDS,
    LONGEST,
    OFFLINE,
    Direction,
    Policy,
    PolicyId,
    Scope,
)
from monitor.domain.policies.rules import ByScope
from tests.contracts.builders import a_policy, a_server

MICROSECOND = timedelta(microseconds=1)
TAGS = ("web", "db", "eu")
METRICS = ("cpu", "memory", OFFLINE)

scopes = st.one_of(
    st.just(Scope()),
    st.sampled_from(TAGS).map(lambda tag: Scope(tag=tag)),
    st.sampled_from([1, 2]).map(lambda server_id: Scope(server_id=ServerId(server_id))),
)
policies = st.builds(
    lambda metric, scope, enabled: Policy(
        metric=metric, critical=None if metric == OFFLINE else 90.0, scope=scope, enabled=enabled
    ),
    st.sampled_from(METRICS),
    scopes,
    st.booleans(),
)
servers = st.builds(
    lambda server_id, tags: a_server(id=ServerId(server_id), tags=frozenset(tags)),
    st.sampled_from([1, 2, 3]),
    st.sets(st.sampled_from(TAGS)),
)
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def stored_policies(draw: st.DrawFn) -> list[Policy]:
    """One for each metric and scope, ids in any order."""
    found = draw(st.lists(policies, max_size=12, unique_by=lambda policy: (policy.metric, policy.scope)))
    ids = draw(st.permutations(range(1, len(found) + 1)))
    return [a_policy_with_id(policy, PolicyId(n)) for policy, n in zip(found, ids, strict=True)]


def a_policy_with_id(policy: Policy, policy_id: PolicyId) -> Policy:
    return Policy(
        metric=policy.metric, critical=policy.critical, scope=policy.scope, enabled=policy.enabled, id=policy_id
    )


def problems_of(**changes) -> dict[str, str]:
    """Return field and code of each problem of a policy that is valid except for *changes*."""
    try:
        a_policy(**changes)
    except InvalidInput as error:
        return {name: problem.code for name, problem in error.problems.items()}
    return {}


def said_plainly(policies: list[Policy], server: Server, metric: str) -> Policy | None:
    """The server's own if there is one, else that of the tag made first, else that of everything."""
    own = [p for p in policies if p.metric == metric]
    for is_meant in (
        lambda scope: scope.server_id == server.id,
        lambda scope: scope.tag in server.tags,
        lambda scope: scope == Scope(),
    ):
        candidates = [policy for policy in own if is_meant(policy.scope)]
        if candidates:
            chosen = min(candidates, key=lambda policy: policy.id)
            return chosen if chosen.enabled else None
    return None


@given(stored_policies(), servers)
def test_the_most_specific_policy_is_a_servers(found: list[Policy], server: Server) -> None:
    expected = {metric: said_plainly(found, server, metric) for metric in METRICS}
    assert applicable(found, server) == {metric: policy for metric, policy in expected.items() if policy is not None}


@given(stored_policies(), servers, st.randoms())
def test_the_order_in_which_they_come_does_not_matter(found: list[Policy], server: Server, random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert applicable(shuffled, server) == applicable(found, server)


@given(stored_policies(), servers)
def test_an_overridden_policy_is_the_one_that_applies_without_the_first(found: list[Policy], server: Server) -> None:
    """Also where policies are looked up by scope, as they are for a server."""
    shown = ranked(ByScope(found).covering(server), server)
    assert shown == ranked(found, server)
    for metric, (first, *others) in shown.items():
        assert applicable(found, server).get(metric) == (first if first.enabled else None)
        assert ranked([each for each in found if each != first], server).get(metric, []) == others


@given(stored_policies(), servers)
def test_each_policy_that_applies_covers_the_server_and_is_enabled(found: list[Policy], server: Server) -> None:
    for metric, policy in applicable(found, server).items():
        assert (policy.metric, policy.enabled, policy.scope.covers(server)) == (metric, True, True)


def test_a_disabled_policy_disables_its_metric_only_where_it_applies() -> None:
    everywhere = a_policy(id=PolicyId(1))
    off = a_policy(id=PolicyId(2), scope=Scope(tag="lab"), enabled=False)
    memory = a_policy(id=PolicyId(3), metric="memory")
    found = [everywhere, off, memory]
    assert applicable(found, a_server(tags=frozenset({"lab"}))) == {"memory": memory}
    assert applicable(found, a_server()) == {"cpu": everywhere, "memory": memory}


def test_a_server_policy_enables_what_a_tag_policy_disabled() -> None:
    off = a_policy(id=PolicyId(1), scope=Scope(tag="lab"), enabled=False)
    own = a_policy(id=PolicyId(2), scope=Scope(server_id=ServerId(7)))
    server = a_server(id=ServerId(7), tags=frozenset({"lab"}))
    assert applicable([off, own], server) == {"cpu": own}


def test_of_two_tag_policies_the_older_applies_even_if_disabled() -> None:
    first = a_policy(id=PolicyId(1), scope=Scope(tag="b"), enabled=False)
    second = a_policy(id=PolicyId(2), scope=Scope(tag="a"))
    assert applicable([second, first], a_server(tags=frozenset({"a", "b"}))) == {}
    assert applicable([second, first], a_server(tags=frozenset({"a"}))) == {"cpu": second}


def test_without_policies_nothing_is_evaluated() -> None:
    assert applicable([], a_server()) == {}


def test_a_fresh_database_holds_the_seeds_thresholds_offline_and_clocks() -> None:
    found = {policy.key: (policy.warning, policy.critical) for policy in default_policies()}
    assert found == DEFAULT_THRESHOLDS | {OFFLINE: (None, None), "disk@forecast": (100.0, None), CLOCK: (60.0, None)}
    assert all(policy.enabled and policy.scope == Scope() for policy in default_policies())


@given(finite, finite, st.sampled_from(Direction))
def test_critical_lies_beyond_warning(warning: float, critical: float, direction: Direction) -> None:
    """On the side that the direction tells; the two equal would make one of them useless."""
    is_beyond = critical > warning if direction is Direction.ABOVE else critical < warning
    expected = {} if is_beyond else {"critical": "critical_beyond_warning"}
    assert problems_of(warning=warning, critical=critical, direction=direction) == expected


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(("warning", "critical"), [(None, 5.0), (5.0, None), (None, 0.0), (0.0, None), (-1.0, None)])
def test_either_threshold_may_be_absent(direction, warning, critical) -> None:
    """Zero and below are thresholds like any other."""
    assert problems_of(warning=warning, critical=critical, direction=direction) == {}


def test_at_least_one_threshold_is_required() -> None:
    assert problems_of(warning=None, critical=None) == {"critical": "threshold_required"}


@pytest.mark.parametrize("field", ["warning", "critical"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_threshold_is_finite(field, value) -> None:
    assert problems_of(**{field: value}) == {"critical": "not_finite"}
    other = "critical" if field == "warning" else "warning"
    assert problems_of(**{field: value, other: None}) == {"critical": "not_finite"}


def test_offline_has_no_thresholds() -> None:
    assert problems_of(metric=OFFLINE, warning=None, critical=None) == {}
    for thresholds in ({"critical": None}, {"warning": None}, {}):
        assert problems_of(metric=OFFLINE, **thresholds) == {"warning": "not_for_offline"}


@pytest.mark.parametrize("field", ["sustained_for", "clear_for"])
@pytest.mark.parametrize(
    ("duration", "is_fine"),
    [
        (timedelta(0), True),
        (-MICROSECOND, False),
        (LONGEST, True),
        (LONGEST + MICROSECOND, False),
        (timedelta.max, False),
        (timedelta.min, False),
    ],
)
def test_a_duration_is_from_nothing_to_a_week(field, duration, is_fine) -> None:
    assert problems_of(**{field: duration}) == ({} if is_fine else {field: "out_of_range"})


@pytest.mark.parametrize(
    ("margin", "is_fine"), [(0.0, True), (1e9, True), (-0.01, False), (math.nan, False), (math.inf, False)]
)
def test_a_margin_is_not_negative(margin, is_fine) -> None:
    assert problems_of(clear_margin=margin) == ({} if is_fine else {"clear_margin": "not_negative"})


@pytest.mark.parametrize("metric", ["cpu", "disk:/var", "net.rx-bytes_total", "m" * 64, "0"])
def test_a_metric_is_named_as_in_samples(metric) -> None:
    assert problems_of(metric=metric) == {}


@pytest.mark.parametrize("metric", ["", "m" * 65, "CPU", "a b", "cpu\n", "é", "<b>"])
def test_another_name_is_refused(metric) -> None:
    assert problems_of(metric=metric) == {"metric": "invalid_metric_name"}


def test_all_problems_are_reported_together() -> None:
    found = problems_of(metric="", warning=9.0, critical=1.0, sustained_for=-MICROSECOND, clear_margin=-1.0)
    assert found.keys() == {"metric", "critical", "sustained_for", "clear_margin"}


def test_a_scope_is_of_one_kind() -> None:
    with pytest.raises(InvalidInput):
        Scope(server_id=ServerId(1), tag="web")
    assert [Scope(server_id=ServerId(1)).rank, Scope(tag="web").rank, Scope().rank] == [2, 1, 0]


@pytest.mark.parametrize("tag", ["", " ", "a;b", "a,b", "t" * 51, "a\nb"])
def test_a_scopes_tag_is_a_tag(tag) -> None:
    with pytest.raises(InvalidInput):
        Scope(tag=tag)


def test_a_scopes_tag_is_trimmed_like_a_servers() -> None:
    assert Scope(tag=" web ") == Scope(tag="web")
    assert Scope(tag=" web ").covers(a_server(tags=frozenset({"web"})))


@given(scopes, servers)
def test_a_scope_covers_its_server_or_the_servers_with_its_tag_or_all(scope: Scope, server: Server) -> None:
    if scope.server_id is not None:
        assert scope.covers(server) == (server.id == scope.server_id)
    else:
        assert scope.covers(server) == (scope.tag is None or scope.tag in server.tags)
