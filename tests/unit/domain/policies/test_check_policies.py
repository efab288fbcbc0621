"""Policies of checks: what is built in, and what goes before it."""

from datetime import timedelta

import pytest

from monitor.domain.alerts.engine import State, observe
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.policies.check_policies import BUILT_IN, CERT_DAYS, CHECK_IN, UP, applicable, default_policies
from monitor.domain.policies.comparing import Change
from monitor.domain.policies.policies import Direction, PolicyId, Scope
from tests.contracts.builders import a_policy, a_server

HOST = ServerId(1)
CHECK = ServerId(2)


def a_check(**more) -> Server:
    return a_server(id=CHECK, kind=Kind.CHECK, report_interval=60.0, attempts=2, **more)


def test_a_check_has_two_policies_and_a_check_in_one():
    assert applicable(default_policies(), a_check()).keys() == {UP, CERT_DAYS}
    assert applicable(default_policies(), a_server(kind=Kind.CHECK_IN)).keys() == {CHECK_IN}
    assert {policy.id for policy in applicable([], a_check()).values()} == {BUILT_IN}
    assert applicable([], a_server()) == {}


def test_policies_of_hosts_do_not_act_on_checks():
    """Rows of their samples hold 0 for these metrics."""
    idle = a_policy(metric="cpu", warning=1.0, critical=None, direction=Direction.BELOW)
    assert "cpu" in applicable([idle], a_server())
    assert "cpu" not in applicable([idle], a_check())


def test_a_policy_for_the_same_metric_goes_before_the_one_built_in():
    mine = a_policy(metric=CERT_DAYS, warning=30.0, critical=None, direction=Direction.BELOW, id=PolicyId(7))
    assert applicable([mine], a_check())[CERT_DAYS] == mine
    off = a_policy(metric=UP, critical=0.5, warning=None, direction=Direction.BELOW, enabled=False, id=PolicyId(8))
    assert UP not in applicable([off], a_check())


def test_one_for_the_check_goes_before_one_for_its_host():
    of_host = a_policy(metric="ms", scope=Scope(server_id=HOST), id=PolicyId(1))
    of_check = a_policy(metric="ms", scope=Scope(server_id=CHECK), id=PolicyId(2))
    assert applicable([of_host], a_check(host_id=HOST))["ms"] == of_host
    assert applicable([of_host, of_check], a_check(host_id=HOST))["ms"] == of_check
    assert "ms" not in applicable([of_check], a_server(id=HOST))


@pytest.mark.parametrize("attempts", [1, 2, 5])
@pytest.mark.parametrize("jitter", [-0.1, 0.0, 0.1])
def test_it_is_down_after_so_many_failures_in_a_row_and_up_after_one_success(attempts: int, jitter: float):
    check = a_server(kind=Kind.CHECK, report_interval=60.0, attempts=attempts)
    rule = applicable([], check)[UP].rule
    fired, state, gap = [], State(), int(timedelta(minutes=5).total_seconds() * 1e6)
    for run, up in enumerate([1.0] * 3 + [0.0] * 7 + [1.0], 1):
        at = int((run * 60 + (jitter if run % 2 else 0) * 60) * 1e6)
        state, event = observe(rule, state, at, up, gap)
        if event is not None:
            fired.append((run, event.change))
    assert fired == [(3 + attempts, Change.FIRED), (11, Change.RESOLVED)]


def test_a_certificate_warns_two_weeks_before_its_end():
    policy = applicable([], a_check())[CERT_DAYS]
    assert (policy.warning, policy.critical, policy.direction) == (14.0, 3.0, Direction.BELOW)
