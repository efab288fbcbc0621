"""A new kind of policy is one module and one line: everything else asks its object."""

from array import array
from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import inf, isnan, nan
from typing import Any, ClassVar

import pytest
import yaml

from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.kinds.known import KINDS
from monitor.domain.policies.policies import Policy, PolicyKind
from monitor.domain.policies.series_models import Prediction, SeriesModel
from monitor.domain.times import MICROSECOND
from tests.integration.http.alerts.alarms import Host, alerts, data, fields, host
from tests.integration.http.configuration.scene import apply, changed, export, plan
from tests.integration.http.world import Json, World

MINUTE = timedelta(minutes=1) // MICROSECOND
PATH = "/api/alert-policies"
RISE: Json = {"metric": "cpu", "kind": "rise", "warning": 20, "sustained_for": 0, "clear_for": 0, "clear_margin": 5}


class Rise(SeriesModel):
    """By how much a value is above the last one of the minute that began *over* before its own."""

    __slots__ = ("_last", "_past")
    unit, arrays = MINUTE, ("_past",)

    def __init__(self, policy: Policy) -> None:
        assert policy.over is not None
        super().__init__(policy, policy.over // MICROSECOND // MINUTE, 1)
        self._past, self._last = array("d", [nan]) * (self.window // MINUTE), nan

    @property
    def known(self) -> int:
        return sum(not isnan(value) for value in self._past)

    @property
    def usual(self) -> tuple[float, float]:
        return inf, -inf  # each value is looked at

    def see(self, at: int, value: float) -> Prediction:
        while self._place < at // MINUTE:
            self._past.append(self._last)
            del self._past[0]
            self._place = at // MINUTE if all(map(isnan, self._past)) else self._place + 1
            self._last = nan
        self._last = value
        self.prediction = Prediction(value - self._past[0])
        return self.prediction

    def add(self, value: float) -> None:
        raise AssertionError("it does not rest")

    def begin_again(self) -> None:
        self._last = nan


class RiseKind(PolicyKind):
    """All that a kind has to bring. Its thresholds are compared as those of others are."""

    name = "rise"
    options: ClassVar = {"over": (timedelta(minutes=5), timedelta(minutes=1), timedelta(hours=1))}
    model = Rise

    def reaches(self, policy: Policy, hours: Sequence[object]) -> Iterable[float]:
        return [inf] * len(hours)

    def lead(self, policy: Policy) -> int:
        assert policy.over is not None
        return policy.over // MICROSECOND + MINUTE

    def described(self, policy: Policy) -> str:
        return f"rise over={policy.over}"


@pytest.fixture
def world(any_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """On each kind of store, with the kind in the list."""
    monkeypatch.setitem(KINDS, "rise", RiseKind())
    return any_world


def created(world: World, **changes: Any) -> Json:
    made: Json = data(world.send("POST", PATH, world.admin, json=RISE | changes))
    return made


def climbs(world: World) -> Host:
    """Report 10 % for ten minutes, then 40 % for ten."""
    web = host(world, "192.0.2.1")
    for minute in range(20):
        world.later(seconds=59)
        web.reports(10 if minute < 10 else 40, interval=60)
    world.admin = world.log_in(world.admin.name)
    return web


def explained(world: World, server_id: ServerId, at: str, kind: str = "rise") -> Json:
    asked = {"metric": "cpu", "server_id": server_id, "at": at, "kind": kind}
    found: Json = data(world.send("GET", "/api/alerts/explain", world.admin, params=asked))
    return found


def test_the_api_creates_shows_and_changes_it(world: World) -> None:
    made = created(world)
    assert ("rise", 300.0, None, None) == tuple(made[name] for name in ("kind", "over", "within", "level"))
    assert [made] == data(world.send("GET", PATH, world.admin))
    path = f"{PATH}/{made['id']}"
    assert made | {"over": 120.0} == data(world.send("PUT", path, world.admin, json={"over": 120}))
    assert "everything: warning=20.0 critical=None above, rise over=0:05:00" in {
        entry["detail"] for entry in data(world.send("GET", "/api/audit", world.admin))
    }
    plain = data(world.send("PUT", path, world.admin, json={"kind": "threshold"}))
    assert ("threshold", None) == (plain["kind"], plain["over"])


def test_its_fields_are_checked(world: World) -> None:
    for wrong, field in (
        ({"over": 59}, "over"),
        ({"within": 3600}, "within"),
        ({"warning": None}, "critical"),
        ({"metric": "offline", "warning": None}, "kind"),
        ({"kind": "fall"}, "kind"),
        ({"kind": 3}, "kind"),
    ):
        assert [field] == list(fields(world.send("POST", PATH, world.admin, json=RISE | wrong))), wrong


def test_it_fires_beside_the_threshold_of_its_metric_and_a_backtest_finds_the_same(world: World) -> None:
    made = created(world)
    created(world, kind="threshold", warning=50)
    web = climbs(world)
    [alert] = alerts(world)
    shown = tuple(alert[name] for name in ("kind", "policy_id", "state", "level", "value", "threshold", "peak_value"))
    assert ("rise", made["id"], "resolved", "warning", 40.0, 20.0, 40.0) == shown
    body = {"policy": RISE, "days": 1}
    found = data(world.send("POST", f"{PATH}/backtest", world.admin, json=body))
    assert [(web.id, alert["fired_at"], alert["resolved_at"])] == [
        (each["server_id"], each["fired_at"], each["resolved_at"]) for each in found["alerts"]
    ]
    assert {"warning", "sustained_for", "clear_margin"} <= found["sweep"][0].keys()


def test_what_it_knows_is_read_from_the_history(world: World) -> None:
    created(world, over=600)
    web = climbs(world)
    [alert] = alerts(world)
    assert "firing" == alert["state"]
    [seen] = data(world.send("GET", f"/api/servers/{web.id}/outlooks", world.admin))
    assert ("rise", 10, 1, 60.0, [], None) == tuple(
        seen[name] for name in ("kind", "known", "needed", "each", "line", "bounds")
    )


def test_a_moment_is_explained(world: World) -> None:
    made = created(world)
    web = climbs(world)
    [alert] = alerts(world)
    found = explained(world, web.id, alert["fired_at"])
    assert ("firing", "warning", alert["id"], made) == tuple(
        found[name] for name in ("state", "level", "alert_id", "policy")
    )
    assert ("ok", None) == tuple(explained(world, web.id, alert["resolved_at"])[name] for name in ("state", "alert_id"))
    assert explained(world, web.id, alert["fired_at"], "threshold")["policy"] is None


def test_a_file_holds_it(world: World) -> None:
    created(world, over=120)
    text = export(world)
    [written] = yaml.safe_load(text)["policies"]
    assert {"metric": "cpu", "kind": "rise", "warning": 20, "over": 120}.items() <= written.items()
    assert [] == plan(world, text)["changes"]
    without = text.replace("kind: rise", "kind: threshold").replace("over: 120", "")
    assert [("policy", "cpu rise of everything", "delete"), ("policy", "cpu of everything", "create")] == changed(
        apply(world, without)
    )
    apply(world, text)
    assert text == export(world)
