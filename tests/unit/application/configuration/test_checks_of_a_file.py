"""A file that changes what a check asks for cancels its alerts, as a change of the check alone does."""

from dataclasses import replace

import pytest

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.ports import AlertFilter
from monitor.application.checks.checks import ChangeCheck
from monitor.application.configuration.applying import ApplyConfiguration
from monitor.application.configuration.current import ReadConfiguration
from monitor.domain.alerts.alert import Alert, AlertState
from monitor.domain.checks.checks import Check, CheckState
from monitor.domain.checks.kinds import HTTP, Expectation
from monitor.domain.checks.requests import Header, Request
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import ADMIN
from tests.unit.application.checks.test_runs import Scene, scene


def apply(s: Scene, old: str, new: str) -> list[str]:
    current = s.container.get(ReadConfiguration)(ADMIN)
    assert old in current.text
    text = current.text.replace(old, new)
    found = s.container.get(ApplyConfiguration)(ADMIN, text, current.revision)
    s.container.fleet.refresh()
    return [f"{change.action} {change.kind} {change.name}" for change in found]


def alerts(s: Scene, check_id: ServerId) -> list[Alert]:
    """Oldest first."""
    newest = s.store.queries.alerts.newest(ADMIN, AlertFilter(watched_id=check_id))
    return [shown.alert for shown in reversed(newest)]


def test_another_target_is_another_check() -> None:
    with scene() as s:
        s.prober.days, s.prober.failing = 5.0, {"a", "b"}
        one, other = s.checks("a", attempts=1) + s.checks("b", attempts=1, target="b.example.com:1")
        s.go_on(70)
        assert {(id_, metric) for id_ in (one.id, other.id) for metric in ("up", "cert_days")} == {
            *s.container.get(Alerting).states.firing()
        }
        s.prober.days = None
        assert ["update check a"] == apply(s, '"shop.example.com:443"', '"new.example.com:443"')
        assert {AlertState.CANCELLED} == {alert.state for alert in alerts(s, one.id)}
        assert {AlertState.FIRING} == {alert.state for alert in alerts(s, other.id)}
        with s.container.uow() as uow:
            assert [] == uow.alert_states.of_servers([one.id])
        assert {other.id} == {id_ for id_, _ in s.container.get(Alerting).states.firing()}
        s.go_on(130)
        assert [("up", "cancelled"), ("cert_days", "cancelled"), ("up", "firing")] == [
            (alert.metric, alert.state) for alert in sorted(alerts(s, one.id), key=lambda a: (a.is_open, a.id))
        ]
        assert {(one.id, "up"), (other.id, "up"), (other.id, "cert_days")} == {
            *s.container.get(Alerting).states.firing()
        }


def test_failures_of_the_old_target_do_not_count_for_the_new_one() -> None:
    with scene() as s:
        s.prober.failing = {"a"}
        [check] = s.checks("a", attempts=3)
        s.go_on(70)
        assert [] == alerts(s, check.id)
        assert [check.id] == [stored.server_id for stored in s.container.get(Alerting).states.pending()]
        apply(s, '"shop.example.com:443"', '"new.example.com:443"')
        assert [] == s.container.get(Alerting).states.pending()
        s.go_on(70)
        assert [] == alerts(s, check.id)
        s.go_on(120)
        assert ["firing"] == [alert.state for alert in alerts(s, check.id)]


def test_a_rename_leaves_alerts_alone() -> None:
    with scene() as s:
        s.prober.failing = {"a", "c"}
        [check] = s.checks("a", attempts=1)
        s.go_on(70)
        assert ["rename check c"] == apply(s, "\n  a:\n", "\n  c:\n")
        s.go_on(70)
        assert ["firing"] == [alert.state for alert in alerts(s, check.id)]


def test_the_first_failure_of_a_new_target_counts() -> None:
    """The next run may be a day later."""
    with scene() as s:
        s.prober.failing = {"a"}
        [check] = s.checks("a", attempts=1, interval=86_400.0)
        s.go_on(10)
        apply(s, '"shop.example.com:443"', '"new.example.com:443"')
        s.go_on(10)
        assert ["cancelled", "firing"] == [alert.state for alert in alerts(s, check.id)]


def secret_check(s: Scene) -> Check:
    request = Request(method="POST", headers=(Header(name="X-Key", value="s3cret", secret=True),), redirects=1)
    [check] = s.checks("a", kind=HTTP, target="https://a.example/", request=request, expect=Expectation(pattern="b"))
    return check


def test_a_file_shows_no_secret_and_keeps_it() -> None:
    with scene() as s:
        check = secret_check(s)
        text = s.container.get(ReadConfiguration)(ADMIN).text
        assert "s3cret" not in text
        assert "value: '***'" in text or 'value: "***"' in text
        assert ["update check a"] == apply(s, "redirects: 1", "redirects: 2")
        assert replace(check.request, redirects=2) == s.stored()["a"].check.request
        assert [] == apply(s, "redirects: 2", "redirects: 2")


def test_a_file_replaces_a_secret_and_never_moves_it() -> None:
    with scene() as s:
        secret_check(s)
        hidden = next(each for each in ("'***'", '"***"') if each in s.container.get(ReadConfiguration)(ADMIN).text)
        assert ["update check a"] == apply(s, hidden, "'new'")
        assert "new" == s.stored()["a"].check.request.headers[0].value
        with pytest.raises(InvalidInput):
            apply(s, "https://a.example/", "https://b.example/")
        assert "https://a.example/" == s.stored()["a"].check.target


def test_a_file_leaves_a_pause() -> None:
    with scene() as s:
        check = secret_check(s)
        s.container.get(ChangeCheck).pause(ADMIN, check.id, paused=True)
        assert ["update check a"] == apply(s, "redirects: 1", "redirects: 2")
        assert CheckState.PAUSED is s.stored()["a"].state
