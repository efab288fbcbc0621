"""What samples of a silence's time say when they come after its end."""

from datetime import time, timedelta

import pytest

from monitor.application.policies.policies import CreatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence
from monitor.domain.errors import Forbidden, NotBegun, NotFound
from monitor.domain.policies.policies import OFFLINE, Policy, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.recurrence import Recurrence
from tests.contracts.builders import actor_of
from tests.unit.application.alerts.alert_world import ROOT, World

OK, CRITICAL = 10.0, 90.0
MINUTE = timedelta(minutes=1)
ALWAYS = Recurrence(weekdays=frozenset(range(7)), starts=time(0), lasts=timedelta(days=1), zone="UTC")


class Scene:
    """One host, whose alerts fire and resolve at once, and a silence that begins now and lasts an hour."""

    def __init__(self, recurrence: Recurrence | None = None) -> None:
        self.world, at_once = World(), timedelta(0)
        self.bob = self.world.person("bob", "bob@example.com")
        self.web = self.world.server("web", "10.0.0.1", [self.bob]).id
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=at_once, clear_for=at_once)
        self.world.process.get(CreatePolicy)(ROOT, policy)
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))
        self.silence = self.silenced(Scope(server_id=self.web), recurrence)

    def silenced(self, scope: Scope, recurrence: Recurrence | None = None) -> Silence:
        begin = self.world.now
        whole = Silence(
            scope=scope,
            starts_at=begin,
            ends_at=begin + 60 * MINUTE,
            reason="a move",
            created_at=begin,
            recurrence=recurrence,
        )
        return self.world.process.get(CreateSilence)(ROOT, whole)

    def mails_after(self, change: type[EndSilence | DeleteSilence], *values: float) -> int:
        """Return how many there are where values of each minute come together, after *change* in the tenth minute."""
        begin = self.world.now
        self.world.let_pass(600, every=60)
        self.world.process.get(change)(ROOT, self.silence.id)
        self.world.let_pass(60, every=20)
        late = (self.world.sample(self.web, cpu, at=begin + n * MINUTE) for n, cpu in enumerate(values, 1))
        self.world.store_samples([*late])
        self.world.let_pass(60, every=5)
        return len(self.world.mails())


@pytest.mark.parametrize("recurrence", [None, ALWAYS])
def test_of_an_ended_silence_they_notify_nobody_and_of_a_deleted_one_they_do(
    recurrence: Recurrence | None,
) -> None:
    values = [OK, CRITICAL, CRITICAL, OK]
    assert 0 == Scene(recurrence).mails_after(EndSilence, *values)
    assert 1 <= Scene(recurrence).mails_after(DeleteSilence, *values)


def test_what_still_fires_is_notified_once() -> None:
    assert 1 == Scene().mails_after(EndSilence, OK, CRITICAL, CRITICAL)


def test_one_that_has_not_begun_or_is_over_stays_as_it_is() -> None:
    scene = Scene()
    end = scene.world.process.get(EndSilence)
    with pytest.raises(NotBegun):
        end(ROOT, scene.silence.id)
    scene.world.clock.advance(7200)
    assert scene.silence == end(ROOT, scene.silence.id)
    with pytest.raises(NotFound):
        end(ROOT, SilenceId(7))


def test_people_end_those_of_servers_that_they_may_change() -> None:
    scene = Scene()
    of_all = scene.silenced(Scope())
    scene.world.clock.advance(60)
    end, eve = scene.world.process.get(EndSilence), actor_of(scene.world.person("eve"))
    with pytest.raises(NotFound):
        end(eve, scene.silence.id)
    bob = actor_of(scene.bob)
    with pytest.raises(Forbidden):
        end(bob, of_all.id)
    assert scene.world.now == end(bob, scene.silence.id).ends_at
    with scene.world.store() as uow:
        assert {of_all.ends_at, scene.world.now} == {each.ends_at for each in uow.silences.all()}
