"""What is for a server is found the same as by asking each."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.policies.check_policies import applicable, ranked
from monitor.domain.policies.policies import PolicyId, Scope
from monitor.domain.policies.rules import ByScope, Rules
from monitor.domain.policies.silences import SilenceId
from tests.contracts.builders import a_policy, a_server, a_silence

TAGS = ("web", "db", "prod")
scopes = st.one_of(
    st.just(Scope()),
    st.sampled_from(TAGS).map(lambda tag: Scope(tag=tag)),
    st.integers(1, 4).map(lambda number: Scope(server_id=ServerId(number))),
)
servers = st.builds(
    lambda number, tags, kind, host_id, attempts, interval: a_server(
        id=ServerId(number),
        tags=tags,
        kind=kind,
        host_id=None if kind is Kind.HOST else host_id,
        attempts=attempts,
        report_interval=interval,
    ),
    st.integers(1, 4),
    st.frozensets(st.sampled_from(TAGS)),
    st.sampled_from(Kind),
    st.none() | st.integers(1, 4).map(ServerId),
    st.integers(1, 3),
    st.sampled_from((30.0, 60.0)),
)


@given(st.lists(scopes), st.lists(servers))
def test_each_rule_for_one_of_the_servers_is_found_once_and_in_order(of, on) -> None:
    silences = [a_silence(id=SilenceId(number), scope=scope) for number, scope in enumerate(of, 1)]
    held = ByScope(silences)
    wanted = [s for s in silences if s.scope == Scope() or any(s.scope.covers(server) for server in on)]
    assert wanted == list(held.reaching(on))
    for server in on:
        assert [silence for silence in silences if silence.scope.covers(server)] == list(held.covering(server))


@given(st.lists(st.tuples(scopes, st.sampled_from(("cpu", "disk")), st.booleans())), st.lists(servers))
def test_the_servers_on_which_a_policy_decides_are_those_that_it_comes_first_for(of, on) -> None:
    policies = [
        a_policy(id=PolicyId(number), scope=scope, metric=metric, enabled=enabled)
        for number, (scope, metric, enabled) in enumerate(of, 1)
    ]
    rules = Rules.of(policies, [])
    for server in on * 2:  # the second time they are known
        assert applicable(policies, server) == rules.policies_for(server)
    fewer = Rules.of(policies[1:], [], Rules.of(policies, [a_silence()], rules))
    assert [applicable(policies[1:], server) for server in on] == [fewer.policies_for(server) for server in on]
    reach = rules.reach(on)
    decided = [held[0].id for server in on for held in ranked(policies, server).values()]
    assert {policy.id: decided.count(policy.id) for policy in policies} == {p.id: reach.get(p.id, 0) for p in policies}
