"""At most so long until a page goes out, on virtual time; `tests/integration/alone/test_page_times.py` in real time."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.alerts.holding import HoldBack
from monitor.domain.alerts.alert import AlertId
from tests.examples import examples
from tests.page_times import CRITICAL, GRACE, SCENARIOS, WARNING, Due, Scenario, Stage, reminder
from tests.unit.application.alerts.virtual_stage import VirtualStage


def lateness(stage: VirtualStage, scenario: Scenario) -> list[tuple[Due, float | None]]:
    """Play it, and return how many seconds after it was due each message came; None: never."""
    found: list[tuple[Due, datetime]] = []
    for step in scenario:
        if isinstance(step, Due):
            found.append((step, stage.world.now + timedelta(seconds=step.later)))
        else:
            stage.let_pass(step)
    stage.let_pass(180)
    late = [(due, [sent - at for sent in stage.named(due.person, due.host) if sent >= at]) for due, at in found]
    return [(due, min(after).total_seconds() if after else None) for due, after in late]


@pytest.mark.parametrize("scenario", [*SCENARIOS, reminder])
def test_a_page_goes_out_in_time(scenario: Callable[[Stage], Scenario]) -> None:
    stage = VirtualStage()
    found = lateness(stage, scenario(stage))
    assert found
    assert [] == [(due, late) for due, late in found if late is None or late > stage.digest + GRACE]


WEB = [f"web-{n}" for n in range(1, 6)]
KINDS = ["warning", "warning", "warning", "critical", "silence", "silence", "end", "delete", "stop"]
occurrences = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(KINDS), st.sampled_from([*WEB, "switch"]), st.integers(3, 30)),
    min_size=8,
    max_size=24,
)


class Story:
    """What happens by turns of ten seconds: (turn, kind, host, turns for which it lasts)."""

    def __init__(self, stage: VirtualStage, occurrences: list[tuple[int, str, str, int]]) -> None:
        self.stage, self._occurrences = stage, occurrences
        self._until: dict[str, int] = {}
        self._silences: list[int] = []

    def play(self, turn: int) -> None:
        for host in [each for each, until in self._until.items() if until <= turn]:
            del self._until[host]
            self.stage.set(host)
        for at, kind, host, lasts in self._occurrences:
            if at == turn:
                self._act(kind, host, turn, lasts)
        self.stage.world.let_pass(10, every=5)
        self.stage.report()

    def _act(self, kind: str, host: str, turn: int, lasts: int) -> None:
        if kind == "silence":
            self._silences.append(self.stage.silence(host, 10 * lasts))
        elif kind in ("end", "delete"):
            if self._silences:
                act = self.stage.end_silence if kind == "end" else self.stage.delete_silence
                act(self._silences.pop())
        else:
            self._until[host] = turn + lasts
            if kind == "stop":
                self.stage.stop(host)
            else:
                self.stage.set(host, cpu=WARNING if kind == "warning" else CRITICAL)


@settings(max_examples=examples(60))
@given(occurrences)
def test_every_host_that_fires_for_a_minute_is_named(occurrences: list[tuple[int, str, str, int]]) -> None:
    """Over random breaches, silences and outages of what the hosts depend on. It counts how long nothing holds it back.

    Also after other messages of its incident.
    """
    stage, free_since = VirtualStage(), dict[AlertId, datetime]()
    stage.person("bob")
    stage.host("switch", "10.2.1.1", ["bob"])
    for n, host in enumerate(WEB, 1):
        stage.host(host, f"10.1.1.{n}", ["bob"], on="switch")
    story, world = Story(stage, occurrences), stage.world
    for turn in range(60):
        story.play(turn)
        holding = world.process.get(HoldBack)()
        free = [each for each in world.alerts() if each.is_open and not each.due_at and not holding.is_held_back(each)]
        free_since = {each.id: free_since.get(each.id, world.now) for each in free}
        for each in free:
            if world.now - free_since[each.id] > timedelta(seconds=60):
                name = world.process.fleet.directory.servers[each.server_id].name
                assert any(sent_at >= each.fired_at for sent_at in stage.named("bob", name)), (name, each.metric)
