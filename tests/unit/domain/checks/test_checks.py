from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.domain.alerts.engine import State, observe
from monitor.domain.checks import kinds
from monitor.domain.checks.checks import CheckState, CheckStatus, Result, sample_of
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.targets import (
    Endpoint,
    Question,
    endpoint_of,
    question_of,
    without_password,
    without_secrets,
)
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.intervals import least_gap
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import built_in
from monitor.domain.times import microseconds
from tests.contracts.builders import AT, SECOND
from tests.contracts.checks import DOWN, UP, a_check

GOOD = {
    "http": [
        "http://a",
        "https://a.example.com:8443/x?y=z#f",
        "http://[::1]:80/",
        "https://user:pa%40ss@a/",
        "http://ä.de",
    ],
    "tcp": ["a:1", "192.0.2.1:65535", "[2001:db8::1]:22", "a_b.example.com.:80"],
    "tls": ["a:443"],
    "ping": ["a", "192.0.2.1", "2001:db8::1", "例子.测试"],
    "dns": ["a", "a.b@192.0.2.1:53", "a@ns.example.com", "a@[::1]:5353"],
}
BAD = {
    "http": [
        "",
        " ",
        "a",
        "ftp://a",
        "http://",
        "http://a:0",
        "http://a:x",
        "http://a b",
        "http://-a",
        "http://a\tb",
        "//a",
    ],
    "tcp": ["a", "a:", "a:0", "a:65536", "a:1:2", "[::1]", "::1:80", "[a]:1", "http://a:1", "a b:1", "a:٣", "1.2.3:1"],
    "tls": ["a"],
    "ping": ["a:1", "http://a", "-a", "a..b", "fe80::1%eth0", "2130706433", "x" * 64, "a\u200b"],
    "dns": ["a@", "@a:1", "a@b:0", "a@b@c", "a@::1:53"],
}


@pytest.mark.parametrize(("kind", "target"), [(kind, target) for kind, of in GOOD.items() for target in of])
def test_a_target_is_kept_as_it_is(kind: str, target: str) -> None:
    assert target == kinds.KINDS[kind].checked_target(f" {target} ")


@pytest.mark.parametrize(("kind", "target"), [(kind, target) for kind, of in BAD.items() for target in of])
def test_a_wrong_target_is_refused(kind: str, target: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        kinds.KINDS[kind].checked_target(target)
    assert ["target"] == [*caught.value.problems]


def test_targets_are_read() -> None:
    assert Endpoint("2001:db8::1", 22) == endpoint_of("[2001:DB8::1]:22")
    assert Question("a", None) == question_of("a")
    assert Question("a", Endpoint("b", 53)) == question_of("a@b")
    assert Question("a", Endpoint("::1", 5353)) == question_of("a@[::1]:5353")


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://a:b@c/d@e", "https://***@c/d@e"),
        ("https://a@b@c", "https://***@c"),
        ("https://c/d@e", "https://c/d@e"),
        ("https://c?d@e", "https://c?d@e"),
        ("a@b:53", "a@b:53"),
    ],
)
def test_a_password_is_hidden(target: str, shown: str) -> None:
    assert shown == without_password(target)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://a:b@c:8443/d@e", "https://***@c:8443/***"),
        ("https://c?token=d", "https://c/***"),
        ("https://c#d", "https://c/***"),
        ("https://[::1]:8443/", "https://[::1]:8443/"),
        ("https://c", "https://c"),
        ("a@b:53", "a@b:53"),
    ],
)
def test_secrets_are_hidden(target: str, shown: str) -> None:
    assert shown == without_secrets(target)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": ""}),
        ("interval", {"interval": 9.99}),
        ("interval", {"interval": 86_400.1}),
        ("interval", {"interval": float("nan")}),
        ("timeout", {"timeout": 0.9}),
        ("timeout", {"timeout": 60.1, "interval": 600}),
        ("timeout", {"timeout": 10, "interval": 10}),
        ("attempts", {"attempts": 0}),
        ("attempts", {"attempts": 11}),
        ("expect.status", {"expect": Expectation(status=200)}),
        ("expect.record", {"kind": kinds.DNS, "target": "a", "expect": Expectation(record="x")}),
        ("expect.text", {"kind": kinds.DNS, "target": "a", "expect": Expectation(text="x")}),
        ("expect.status", {"kind": kinds.HTTP, "target": "http://a", "expect": Expectation(status=99)}),
        ("expect.text", {"kind": kinds.HTTP, "target": "http://a", "expect": Expectation(text=" ")}),
        ("expect.text", {"kind": kinds.HTTP, "target": "http://a", "expect": Expectation(text="x" * 501)}),
    ],
)
def test_a_wrong_check_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        a_check(**changes)
    assert [field] == [*caught.value.problems]


def test_all_that_is_wrong_with_a_check_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        a_check(name=" ", target="shop", interval=5, timeout=90, expect=Expectation(status=99))
    assert {"name", "target", "interval", "timeout", "expect.status"} == refused.value.problems.keys()


def test_an_expected_record_is_canonical() -> None:
    check = a_check(kind=kinds.DNS, target="a", expect=Expectation(record="2001:DB8::0:1"))
    assert "2001:db8::1" == check.expect.record


def test_it_is_down_after_its_attempts_and_up_after_one_success() -> None:
    status, states = CheckStatus(), []
    for minute, result in enumerate((DOWN, UP, DOWN, DOWN, DOWN, UP)):
        result = replace(result, at=AT + 60 * minute * SECOND)
        status = status.after(result, attempts=2, interval=60.0)
        states.append((status.state, status.failures))
    new, up, down = CheckState.NEW, CheckState.UP, CheckState.DOWN
    assert [(new, 1), (up, 0), (up, 1), (down, 2), (down, 3), (up, 0)] == states
    assert status.failed is not None
    assert (AT + 240 * SECOND, DOWN.error) == (status.failed.at, status.failed.error)


def test_it_is_down_when_its_alert_fires() -> None:
    """Also with runs that somebody asks for, and after an interruption."""
    check = a_check(attempts=3, interval=60.0)
    [policy, _] = built_in(check.as_server("100::1"))
    seconds = [0, 3, 20, 60, 89, 90, 91, 500, 560, 600, 649, 650, 710]
    status, state, states = CheckStatus(), State(), []
    for each in seconds:
        at = AT + each * SECOND
        status = status.after(replace(DOWN, at=at), check.attempts, check.interval)
        state, _ = observe(policy.rule, state, microseconds(at), 0.0, least_gap(check.interval))
        assert (status.state is CheckState.DOWN) == (state.level is Level.CRITICAL), each
        states.append(status.state)
    assert [CheckState.NEW] * 5 + [CheckState.DOWN] * 8 == states


def test_an_interruption_begins_the_failures_anew() -> None:
    status = CheckStatus()
    for at in (0, 60, 500, 560):
        status = status.after(replace(DOWN, at=AT + at * SECOND), 3, 60.0)
        assert status.state is CheckState.NEW
    assert status.after(replace(DOWN, at=AT + 620 * SECOND), 3, 60.0).state is CheckState.DOWN


def test_a_result_says_why_it_failed_and_only_then() -> None:
    assert "" == Result(at=AT, up=True, error="x").error
    assert "failed" == Result(at=AT, up=False).error
    assert 500 == len(Result(at=AT, up=False, error="x" * 501).error)


def test_a_result_is_a_sample() -> None:
    check = a_check(id=ServerId(7), interval=30)
    sample = sample_of(check, UP, AT + SECOND)
    assert (7, UP.at, AT + SECOND, 30) == (sample.server_id, sample.recorded_at, sample.received_at, sample.interval)
    assert {"up": 1.0, "ms": 12.5, "cert_days": -0.25, **UP.figures} == sample.extra
    assert {"up": 0.0} == sample_of(check, replace(DOWN, ms=None), AT + timedelta(seconds=1)).extra
