"""How long it takes until a page goes out: one scenario for each row of the table in docs/alerts.md.

Scenarios are generators. They act on a stage, whose time is virtual or real, and yield the seconds until they go on, or
what is due at that moment. Each has people, hosts and a network of its own, so that all can be played at once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import NamedTuple

GRACE = 5.0
"""Seconds beyond `digest_wait`."""
PATIENCE = 60.0
"""Seconds for which what is down may recover after what it depends on."""
WARNING, CRITICAL = 75.0, 95.0


class Due(NamedTuple):
    """Who has to be sent a message that names *host*, from now on plus *later* seconds."""

    person: str
    host: str
    later: float = 0.0


Scenario = Iterator[float | Due]


class Stage(ABC):
    """Hosts of one /24 are in one network. Alerts of `cpu` and `memory` fire at once. *digest*: seconds."""

    digest: float

    @abstractmethod
    def person(self, name: str) -> None: ...

    @abstractmethod
    def host(self, name: str, address: str, people: list[str], on: str | None = None) -> None:
        """Add a host, which reports low values from then on. *on*: what it depends on."""

    @abstractmethod
    def set(self, host: str, *, cpu: float = 10.0, memory: float = 10.0) -> None:
        """Report other values from now on."""

    @abstractmethod
    def stop(self, host: str) -> None:
        """Report nothing from now on."""

    @abstractmethod
    def is_offline(self, host: str) -> bool: ...

    @abstractmethod
    def silence(self, host: str, seconds: float) -> int: ...

    @abstractmethod
    def end_silence(self, silence_id: int) -> None: ...

    @abstractmethod
    def delete_silence(self, silence_id: int) -> None: ...

    @abstractmethod
    def acknowledge(self, host: str) -> None:
        """Acknowledge the incident of a host."""

    @abstractmethod
    def be_quiet(self, person: str) -> float:
        """Let quiet hours begin. Return the seconds until they end: at least `digest` and 15 s."""

    @abstractmethod
    def escalate(self, host: str, first: str, second: str, after: int) -> None: ...

    @abstractmethod
    def remind_after(self, seconds: float) -> None:
        """Set the time between reminders, for all."""


def breach(stage: Stage) -> Scenario:
    stage.person("breach")
    stage.host("breach-1", "10.1.1.1", ["breach"])
    yield 1
    stage.set("breach-1", cpu=WARNING)
    yield Due("breach", "breach-1")


def higher_level(stage: Stage) -> Scenario:
    stage.person("level")
    stage.host("level-1", "10.1.2.1", ["level"])
    stage.set("level-1", cpu=WARNING)
    yield stage.digest + GRACE
    stage.set("level-1", cpu=CRITICAL)
    yield Due("level", "level-1")


def silence_that_runs_out(stage: Stage) -> Scenario:
    stage.person("silence")
    stage.host("silence-1", "10.1.3.1", ["silence"])
    stage.silence("silence-1", stage.digest + 15)
    stage.set("silence-1", cpu=WARNING)
    yield stage.digest + 15
    yield Due("silence", "silence-1")


def silence_that_is_ended(stage: Stage) -> Scenario:
    stage.person("ended")
    stage.host("ended-1", "10.1.4.1", ["ended"])
    silence = stage.silence("ended-1", 600)
    stage.set("ended-1", cpu=WARNING)
    yield stage.digest + GRACE
    stage.end_silence(silence)
    yield Due("ended", "ended-1")


def silence_that_is_deleted(stage: Stage) -> Scenario:
    stage.person("deleted")
    stage.host("deleted-1", "10.1.5.1", ["deleted"])
    silence = stage.silence("deleted-1", 600)
    stage.set("deleted-1", cpu=WARNING)
    yield stage.digest + GRACE
    stage.delete_silence(silence)
    yield Due("deleted", "deleted-1")


def silences_inside_an_incident(stage: Stage) -> Scenario:
    """Four hosts of one network breach in one moment, three of them silenced."""
    hosts = [f"many-{n}" for n in range(1, 6)]
    stage.person("many")
    for n, host in enumerate(hosts, 1):
        stage.host(host, f"10.1.6.{n}", ["many"])
    stage.silence("many-2", stage.digest + 20)
    ended, deleted = stage.silence("many-3", 600), stage.silence("many-4", 600)
    for host in hosts[:4]:
        stage.set(host, cpu=WARNING)
    yield Due("many", "many-1")
    yield stage.digest + 20
    yield Due("many", "many-2")
    stage.end_silence(ended)
    yield Due("many", "many-3")
    yield GRACE
    stage.delete_silence(deleted)
    yield Due("many", "many-4")


def what_joins_an_incident(stage: Stage) -> Scenario:
    hosts = [f"joins-{n}" for n in range(1, 6)]
    stage.person("joins")
    for n, host in enumerate(hosts, 1):
        stage.host(host, f"10.1.7.{n}", ["joins"])
    for host in hosts[:3]:
        stage.set(host, cpu=WARNING)
    yield stage.digest + GRACE
    stage.set("joins-4", cpu=WARNING)
    yield Due("joins", "joins-4")


def what_joins_an_acknowledged_incident(stage: Stage) -> Scenario:
    hosts = [f"seen-{n}" for n in range(1, 5)]
    stage.person("seen")
    for n, host in enumerate(hosts, 1):
        stage.host(host, f"10.1.8.{n}", ["seen"])
    for host in hosts:
        stage.set(host, cpu=WARNING)
    yield stage.digest + GRACE
    stage.acknowledge("seen-1")
    yield GRACE
    stage.set("seen-2", cpu=WARNING, memory=85.0)
    yield Due("seen", "seen-2")


def end_of_a_parent(stage: Stage) -> Scenario:
    """A host that breaches while what it depends on is down; later, another one with a trouble of its own."""
    stage.person("child")
    stage.host("parent", "10.2.1.1", ["child"])
    stage.host("child-1", "10.1.9.1", ["child"], on="parent")
    stage.host("child-2", "10.3.9.1", ["child"], on="parent")
    yield 1
    stage.stop("parent")
    while not stage.is_offline("parent"):
        yield 1
    stage.set("child-1", cpu=WARNING)
    yield stage.digest + GRACE
    stage.set("parent")
    yield Due("child", "child-1", later=PATIENCE)
    yield PATIENCE / 2
    stage.set("child-2", cpu=WARNING)
    yield Due("child", "child-2")


def end_of_quiet_hours(stage: Stage) -> Scenario:
    stage.person("quiet")
    stage.host("quiet-1", "10.1.10.1", ["quiet"])
    left = stage.be_quiet("quiet")
    stage.set("quiet-1", cpu=WARNING)
    yield left
    yield Due("quiet", "quiet-1")


def step_of_an_escalation(stage: Stage) -> Scenario:
    stage.person("first")
    stage.person("second")
    stage.host("step-1", "10.1.11.1", ["first"])
    after = 20
    stage.escalate("step-1", "first", "second", after)
    stage.set("step-1", cpu=WARNING)
    yield Due("first", "step-1")
    yield after
    yield Due("second", "step-1")


SCENARIOS: list[Callable[[Stage], Scenario]] = [
    breach,
    higher_level,
    silence_that_runs_out,
    silence_that_is_ended,
    silence_that_is_deleted,
    silences_inside_an_incident,
    what_joins_an_incident,
    what_joins_an_acknowledged_incident,
    end_of_a_parent,
    end_of_quiet_hours,
    step_of_an_escalation,
]


def reminder(stage: Stage) -> Scenario:
    """It is played alone: the time between reminders is one for all."""
    pause = 15.0
    stage.person("reminder")
    stage.host("reminder-1", "10.1.12.1", ["reminder"])
    for n in range(2, 6):
        stage.host(f"reminder-{n}", f"10.1.12.{n}", ["reminder"])
    stage.remind_after(pause)
    for n in range(1, 5):
        stage.set(f"reminder-{n}", cpu=WARNING)
    yield Due("reminder", "reminder-1")
    yield stage.digest + pause
    yield Due("reminder", "reminder-1")
