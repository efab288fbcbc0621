"""An alert names whom it will be sent to, when, and why not sooner; and so it happens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.alerts.coming import MOST, Coming, ComingNotifications
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.alerts.alert import Alert
from monitor.domain.alerts.reasons import Reason
from monitor.domain.oncall.ways import MAIL, Way
from tests.examples import examples
from tests.page_times import GRACE, SCENARIOS, WARNING, Due, Scenario, Stage
from tests.unit.application.alerts.alert_world import ROOT
from tests.unit.application.alerts.virtual_stage import VirtualStage

WITHIN = timedelta(seconds=GRACE)


def alert_of(stage: VirtualStage, host: str) -> Alert | None:
    own = [each for each in stage.world.alerts() if each.server_id == stage.hosts[host].id and each.is_open]
    return own[-1] if own else None


def coming(stage: VirtualStage, host: str) -> dict[str, list[Coming]]:
    """By the person's name."""
    stage.world.process.fleet.refresh()
    names = {user.id: name for name, user in stage.people.items()}
    found: dict[str, list[Coming]] = {}
    if (alert := alert_of(stage, host)) is not None:
        for each in stage.world.process.get(ComingNotifications)(alert, stage.world.timeline(alert)):
            assert each.target.user_id is not None
            found.setdefault(names[each.target.user_id], []).append(each)
    return found


def only(stage: VirtualStage, person: str = "bob", host: str = "web") -> tuple[Any, Any]:
    """Seconds from now, and the reason, of the one notification that comes."""
    [found] = coming(stage, host).pop(person)
    return None if found.at is None else (found.at - stage.world.now).total_seconds(), found.reason


def stage_of(*people: str, on: str | None = None) -> VirtualStage:
    stage = VirtualStage()
    for each in people:
        stage.person(each)
    if on is not None:
        stage.host(on, "10.2.1.1", [*people])
    stage.host("web", "10.1.1.1", [*people], on=on)
    return stage


def change(stage: VirtualStage, act: Callable[[UnitOfWork], object]) -> None:
    with stage.world.new_uow() as uow:
        act(uow)
        uow.commit()
    stage.world.process.fleet.refresh()


def ways(stage: VirtualStage, person: str, *given: Way) -> None:
    user_id = stage.people[person].id
    change(stage, lambda uow: uow.ways.replace(user_id, [replace(each, user_id=user_id) for each in given]))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_whom_a_page_waits_for_is_named_until_it_is_sent(scenario: Callable[[Stage], Scenario]) -> None:
    stage = VirtualStage()
    waiting: list[tuple[Due, datetime]] = []
    for step in chain(scenario(stage), [20.0]):
        if isinstance(step, Due):
            waiting += [] if step.later else [(step, stage.world.now)]
            continue
        for _ in range(round(step)):
            waiting = [each for each in waiting if not _is_sent(stage, *each)]
            for due, _ in waiting:
                if alert_of(stage, due.host) is not None:
                    assert due.person in coming(stage, due.host), (due, stage.world.since_start())
            stage.let_pass(1)
    assert [] == waiting


def _is_sent(stage: VirtualStage, due: Due, since: datetime) -> bool:
    return any(at >= since for at in stage.named(due.person, due.host))


def test_it_is_on_its_way_until_it_is_sent() -> None:
    stage = stage_of("bob")
    stage.set("web", cpu=WARNING)
    assert (stage.digest, None) == only(stage)
    stage.let_pass(stage.digest + GRACE)
    assert {} == coming(stage, "web")


def test_a_silence_says_when_it_ends() -> None:
    stage = stage_of("bob")
    stage.silence("web", 300)
    stage.set("web", cpu=WARNING)
    at, reason = only(stage)
    assert (pytest.approx(300, abs=1), Reason.SILENCED) == (at, reason)
    stage.silence("web", 600)
    assert only(stage)[0] == pytest.approx(600, abs=1)


def test_what_it_depends_on_is_named_and_nobody_knows_when_it_is_back() -> None:
    stage = stage_of("bob", on="switch")
    stage.stop("switch")
    while not stage.is_offline("switch"):
        stage.let_pass(1)
    stage.set("web", cpu=WARNING)
    assert (None, Reason.SUPPRESSED_BY) == only(stage)
    assert stage.hosts["switch"].id == coming(stage, "web")["bob"][0].parent_id


def test_quiet_hours_say_when_they_end() -> None:
    stage = stage_of("bob")
    left = stage.be_quiet("bob")
    stage.set("web", cpu=WARNING)
    at, reason = only(stage)
    assert (pytest.approx(left, abs=1), Reason.QUIET_HOURS) == (at, reason)


def test_a_later_way_comes_unless_somebody_acknowledges() -> None:
    stage = stage_of("bob")
    url = {"url": "https://example.com/hook"}
    hook = Way(user_id=stage.people["bob"].id, kind="webhook", settings=url, after=timedelta(minutes=5))
    ways(stage, "bob", Way(user_id=stage.people["bob"].id, kind=MAIL), hook)
    stage.set("web", cpu=WARNING)
    stage.let_pass(stage.digest + GRACE)
    at, reason = only(stage)
    assert (pytest.approx(300, abs=20), Reason.LATER_WAY) == (at, reason)
    alert = alert_of(stage, "web")
    assert alert is not None
    stage.world.process.get(AcknowledgeAlert)(ROOT, alert.id)
    assert {} == coming(stage, "web")


def test_an_alert_that_is_held_says_until_when() -> None:
    """Above all of an alert that fires again and again."""
    stage = stage_of("bob")
    for _ in range(3):
        stage.set("web", cpu=WARNING)
        stage.let_pass(stage.digest + GRACE)
        stage.set("web")
        stage.let_pass(stage.digest + GRACE)
    stage.set("web", cpu=WARNING)
    alert = alert_of(stage, "web")
    assert alert is not None
    assert alert.due_at is not None
    assert ((alert.due_at - stage.world.now).total_seconds(), Reason.HELD) == only(stage)


def test_steps_say_when_they_are_due_and_a_silence_moves_them() -> None:
    stage = stage_of("ann", "bob")
    stage.escalate("web", "ann", "bob", 600)
    stage.silence("web", 300)
    stage.set("web", cpu=WARNING)
    assert (pytest.approx(300, abs=1), Reason.SILENCED) == only(stage, "ann")
    assert (pytest.approx(900, abs=1), Reason.STEP_NOT_DUE) == only(stage, "bob")
    stage.let_pass(305)
    assert (pytest.approx(595, abs=2), Reason.STEP_NOT_DUE) == only(stage, "bob")
    [found] = coming(stage, "web")["bob"]
    assert ("steps", 2) == (found.escalation, found.step)


def test_it_says_why_the_last_attempt_failed() -> None:
    stage = stage_of("bob")
    stage.world.mailer.answers["bob@example.com"] = SendResult(SendStatus.RETRY, "connection refused")
    stage.set("web", cpu=WARNING)
    stage.let_pass(stage.digest + GRACE)
    [found] = coming(stage, "web")["bob"]
    assert ("connection refused", None) == (found.error, found.reason)
    assert found.at is not None


def test_of_many_people_the_first_hundred_are_named() -> None:
    stage = stage_of(*(f"person{n}" for n in range(MOST + 1)))
    stage.silence("web", 300)
    stage.set("web", cpu=WARNING)
    assert MOST == len(coming(stage, "web"))


@settings(max_examples=examples(15))
@given(
    silenced=st.integers(0, 300),
    is_quiet=st.booleans(),
    later=st.sampled_from([0, 60, 200]),
    is_called=st.booleans(),
    asked=st.integers(0, 400),
)
def test_what_is_promised_is_sent_then(silenced: int, is_quiet: bool, later: int, is_called: bool, asked: int) -> None:
    """Over silences, quiet hours, later ways and escalations, and whenever somebody looks."""
    stage = stage_of("ann", "bob")
    if is_called:
        stage.escalate("web", "ann", "bob", 120)
    if is_quiet:
        stage.be_quiet("ann")
    ways(stage, "bob", Way(user_id=stage.people["bob"].id, kind=MAIL, after=timedelta(seconds=later)))
    if silenced:
        stage.silence("web", silenced)
    stage.set("web", cpu=WARNING)
    stage.let_pass(asked)
    promised = [(person, each) for person, own in coming(stage, "web").items() for each in own]
    stage.let_pass(900)
    for person, each in promised:
        assert each.at is not None
        sent = stage.named(person, "web")
        assert any(_is_near(at, each.at, stage.digest) for at in sent), (person, each, sent)


def _is_near(sent: datetime, promised: datetime, digest: float) -> bool:
    """A message waits for others that belong into it."""
    return promised <= sent <= promised + WITHIN + timedelta(seconds=digest)
