"""SQL statements of what goes on all the time: samples, checks, mails; and of a plan and an explanation."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count as numbers
from itertools import islice

import pytest

from monitor.application.checks.results import CheckResults
from monitor.application.checks.runs import RunDueChecks
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.domain.checks import kinds
from monitor.domain.checks.checks import Check
from monitor.domain.intake.intervals import TIMES_NEEDED
from tests.budget import pages
from tests.budget.counting import statements
from tests.budget.ledger import STATEMENTS, Ledger
from tests.budget.scene import FleetScene
from tests.contracts.threads import until
from tests.integration.http.alerts.alarms import data
from tests.integration.http.configuration.scene import export, plan
from tests.integration.http.world import World

NUMBERS = numbers(1)
"""Of checks."""


@pytest.fixture(scope="module")
def scene(world: World) -> FleetScene:
    """For all works, each of which has servers of its own."""
    return FleetScene(world)


@pytest.fixture(scope="module")
def large_scene(other_world: World) -> FleetScene:
    """With servers for works about many alerts."""
    return FleetScene(other_world, servers=100)


def deliver(world: World) -> None:
    """Send what is due by mail."""
    delivery = world.container.get(DeliverNotifications)
    delivery.deliver(delivery.claim(Transport.MAIL))


def a_group(scene: FleetScene) -> Counter[str]:
    samples = scene.next_samples()
    with statements() as found:
        scene.stored(samples)
    return found


def a_group_in_which(count: int) -> Callable[[FleetScene], Counter[str]]:
    def fire(scene: FleetScene) -> Counter[str]:
        with statements() as found:
            scene.fire(count)
        return found

    return fire


def a_mail_about(count: int) -> Callable[[FleetScene], Counter[str]]:
    def send(scene: FleetScene) -> Counter[str]:
        scene.fire(1)
        scene.world.later(seconds=10)
        deliver(scene.world)  # with what other works left, and what is kept from the first mail on
        scene.fire(count)
        scene.world.later(seconds=10)
        mails = len(scene.world.mailer.sent)
        with statements() as found:
            deliver(scene.world)
        assert mails + 1 == len(scene.world.mailer.sent)
        return found

    return send


def runs_of_checks(scene: FleetScene, count: int) -> Counter[str]:
    """Count the claim and the results of *count* checks that are due at once, without their samples."""
    run_new_checks(scene, 1)  # what is kept from the first run on
    return run_new_checks(scene, count)


def run_new_checks(scene: FleetScene, count: int) -> Counter[str]:
    world = scene.world
    run, results, now = world.container.get(RunDueChecks), world.container.get(CheckResults), world.clock.now()
    check = Check(name="c", kind=kinds.TCP, target="127.0.0.1:9", created_at=now, interval=3600)
    with world.container.uow() as uow:
        for n in islice(NUMBERS, count):
            uow.checks.add(replace(check, name=f"c{n}"), f"100::{n:x}", now)
        uow.commit()
    world.container.fleet.refresh()
    with statements() as found:
        assert count == run()
        until(lambda: len(results._results) == count)
        results.flush()
    until(lambda: all(each.outcomes for each in results._under_way))
    return found


def an_explanation(scene: FleetScene) -> Counter[str]:
    [server_id] = scene.fire(1)
    asked = {"server_id": server_id, "metric": "cpu"}
    with statements() as found:
        data(scene.world.send("GET", "/api/alerts/explain", scene.world.admin, params=asked))
    return found


def a_plan(scene: FleetScene) -> Counter[str]:
    text = export(scene.world).replace("critical: 90", "critical: 85")
    with statements() as found:
        assert plan(scene.world, text)["changes"]
    return found


def a_plan_with_open_alerts(count: int) -> Callable[[FleetScene], Counter[str]]:
    def predict(scene: FleetScene) -> Counter[str]:
        for _ in range(2):  # else each host is asked for a day or week more, as one that reports seldom
            scene.world.later(hours=5)
            for _ in range(TIMES_NEEDED):
                scene.stored(scene.next_samples())
        scene.world.admin = scene.world.log_in(scene.world.admin.name)
        scene.fire(count)
        return a_plan(scene)

    return predict


WORKS: dict[str, Callable[[FleetScene], Counter[str]]] = {
    "a group of 40 samples": a_group,
    "a plan": a_plan,  # before there are alerts, each of which it evaluates by the edited policy
    "a group with 1 alert that fires": a_group_in_which(1),
    "a group with 10 alerts that fire": a_group_in_which(10),
    "a mail about 1 alert": a_mail_about(1),
    "a mail about 10 alerts": a_mail_about(10),
    "an explanation": an_explanation,
    "1 check that is due": lambda scene: runs_of_checks(scene, 1),
    "10 checks that are due": lambda scene: runs_of_checks(scene, 10),
}

OF_MANY: dict[str, Callable[[FleetScene], Counter[str]]] = {
    "a plan with 20 open alerts": a_plan_with_open_alerts(20),
    "a group with 20 alerts that fire": a_group_in_which(20),
    "a mail about 20 alerts": a_mail_about(20),
}


@pytest.mark.parametrize("work", WORKS)
def test_work_takes_no_more_statements_than_its_budget(scene: FleetScene, work: str) -> None:
    Ledger().check(STATEMENTS, work, WORKS[work](scene))


@pytest.mark.parametrize("work", OF_MANY)
def test_work_for_many_takes_no_more_statements_than_its_budget(large_scene: FleetScene, work: str) -> None:
    Ledger().check(STATEMENTS, work, OF_MANY[work](large_scene))


def test_no_other_work_has_a_budget_of_statements() -> None:
    Ledger().only(STATEMENTS, [*WORKS, *OF_MANY, *map(pages.work, pages.PATHS), pages.CUT])
