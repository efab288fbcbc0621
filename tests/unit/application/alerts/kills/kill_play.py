"""A world in which the process is killed, and what may happen at that time."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.application.alerts.handing_over import HandOverRotas
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.domain.errors import Conflict, StorageUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import World
from tests.unit.application.alerts.kills.mortal import Fate, Killed

WEB, DB = ServerId(1), ServerId(2)
CPU = Policy(
    metric="cpu",
    warning=70,
    critical=85,
    sustained_for=timedelta(seconds=15),
    clear_for=timedelta(seconds=15),
)


BAND = 66.0
"""Neither bad nor clear: whatever is firing holds."""


Act = Callable[["Play"], None]


Scene = tuple[Callable[[], "Play"], Act]


@dataclass(slots=True)
class Play:
    """A world whose processes may die."""

    world: World
    fate: Fate = field(default_factory=Fate)

    def send(self, *values: float, every: float = 15.0, server: ServerId = WEB, late: float = 0.0) -> None:
        """One sample after another."""
        for cpu in values:
            self.world.clock.advance(every)
            self.store([self.world.sample(server, cpu, at=self.world.now - timedelta(seconds=late))])

    def store(self, samples: list[Sample]) -> None:
        self.persist(lambda: self.world.store_samples(samples))

    def persist(self, act: Callable[[], object]) -> None:
        """Repeat calls without an answer at any process, as agents, people and background jobs do."""
        try:
            act()
        except Killed:
            self.world.restart()
            act()
        except StorageUnavailable:
            act()

    def background(self) -> None:
        self.persist(self.world.process.fleet.refresh)
        self.persist(lambda: self.world.process.get(DetectOffline)())
        self.persist(lambda: self.world.process.get(AlertMaintenance)())
        self.persist(lambda: self.world.process.get(HandOverRotas)())
        self.deliver()

    def deliver(self) -> None:
        """Deliver. Notifications claimed by a dead process wait for the end of its lease."""
        try:
            self.world.deliver()
        except Killed:
            self.world.restart()
        except StorageUnavailable:
            pass

    def settle(self, alive: Iterable[ServerId] = (WEB, DB)) -> None:
        """Until every lease has expired and all notifications are sent."""
        for _ in range(13):
            self.world.clock.advance(30)
            for server in alive:
                self.store([self.world.sample(server, BAND)])
            self.background()


def sample(cpu: float, every: float = 15.0) -> Act:
    return lambda play: play.send(cpu, every=every)


def backlog(*values: float) -> Act:
    def send(play: Play) -> None:
        now = play.world.now + timedelta(seconds=15 * len(values) + 120)
        play.world.clock.advance(now - play.world.now)
        times = [now - timedelta(seconds=60 + 15 * n) for n in reversed(range(len(values)))]
        play.store([play.world.sample(WEB, cpu, at=at) for at, cpu in zip(times, values, strict=True)])

    return send


def backlog_of_the_past(play: Play) -> None:
    play.store([play.world.sample(WEB, 10.0, at=play.world.now - timedelta(seconds=17))])


def person(act: Callable[[World], object], done: type[Exception] = Conflict) -> Act:
    """A caller asks, and asks again if there was no answer; it may have been done already."""

    def ask(play: Play) -> None:
        with suppress(done):
            play.persist(lambda: act(play.world))

    return ask


def detect(play: Play) -> None:
    play.persist(lambda: play.world.process.get(DetectOffline)())


def maintenance(play: Play) -> None:
    play.persist(lambda: play.world.process.get(AlertMaintenance)())


def deliver(play: Play) -> None:
    play.world.clock.advance(10)
    play.deliver()
