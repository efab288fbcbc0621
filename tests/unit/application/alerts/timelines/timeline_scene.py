"""Read the steps of a timeline: sentences such as `5:00 web reports cpu 75 for 5m`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Direction, Policy, Scope
from tests.unit.application.alerts.alert_world import World

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DEFAULT_EVERY = timedelta(seconds=15)
_LEVELS = {"warning": Level.WARNING, "critical": Level.CRITICAL}
_FIELDS = {"sustained": "sustained_for", "clear": "clear_for", "margin": "clear_margin"}
_FOREVER = timedelta(days=365)

_RUN = re.compile(r"(?P<values>.+?)(?: for (?P<lasts>\S+))?(?: every (?P<every>\S+))?(?: then |$)")

Act = Callable[[], object]
Actions = Iterator[tuple[datetime, Act]]


def duration(text: str) -> timedelta:
    """`1h30m`, `90s`, `0.5s`."""
    parts = re.findall(r"([\d.]+)([smhd])", text)
    assert "".join(number + unit for number, unit in parts) == text, f"no duration: {text!r}"
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


_READ: dict[str, Callable[[str], Any]] = {
    "sustained_for": duration,
    "clear_for": duration,
    "direction": Direction,
    "enabled": lambda text: text == "true",
}


def clock_time(text: str) -> timedelta:
    """`5:15`, `4:00:10` or `0:00.5` since the timeline began."""
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return timedelta(seconds=total)


def shown_time(since_start: timedelta) -> str:
    seconds = since_start.total_seconds()
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    second = f"{rest:02.0f}" if rest == int(rest) else f"{rest:09.6f}".rstrip("0")
    return f"{hours:.0f}:{minutes:02.0f}:{second}" if hours else f"{minutes:.0f}:{second}"


def names(text: str) -> list[str]:
    """`web`, `web,db`, `rack[1-40]`."""
    found = []
    for name in text.split(","):
        if many := re.fullmatch(r"(.+)\[(\d+)-(\d+)\]", name):
            found += [f"{many[1]}{n}" for n in range(int(many[2]), int(many[3]) + 1)]
        else:
            found.append(name)
    return found


@dataclass(slots=True)
class Host:
    """*interval*: what its agent declares; None: whatever distance it reports at; 0: nothing."""

    server: Server
    interval: float | None = None
    clock_off: timedelta = timedelta(0)
    sent: list[Sample] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Scene:
    """A world with its hosts and people by name, and what its steps do."""

    world: World
    hosts: dict[str, Host] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    is_running: bool = True

    def samples(self, host: Host, begin: datetime, runs: str) -> Iterator[Sample]:
        """`cpu 75 for 5m then cpu 10|20 for 4m every 1m`: a run lasts from its first sample to its last."""
        every = _DEFAULT_EVERY
        for run in _RUN.finditer(runs):
            every = duration(run["every"]) if run["every"] else every
            interval = every.total_seconds() if host.interval is None else host.interval or None
            cycles = dict(_values(text) for text in run["values"].split(", "))
            for n in range(int(duration(run["lasts"] or "0s") / every) + 1):
                yield _sample(host, begin, {name: cycle[n % len(cycle)] for name, cycle in cycles.items()}, interval)
                begin += every

    def send(self, samples: list[Sample]) -> None:
        if self.is_running:
            for sample in samples:
                host = next(host for host in self.hosts.values() if host.server.id == sample.server_id)
                host.sent.append(sample)
            self.world.store_samples([sample._replace(received_at=self.world.now) for sample in samples])

    def background(self) -> None:
        if self.is_running:
            self.world.background()

    def actor(self, name: str) -> Actor:
        user = self.people[name]
        return Actor(user_id=user.id, username=user.username, role=user.role)

    def scope(self, text: str | None) -> Scope:
        """`web`, `tag prod` or `everything`."""
        if text is None or text == "everything":
            return Scope()
        return Scope(tag=text[4:]) if text.startswith("tag ") else Scope(server_id=self.hosts[text].server.id)

    def policy(self, metric: str, where: str | None) -> Policy:
        with self.world.store() as uow:
            return next(p for p in uow.alert_policies.all() if (p.metric, p.scope) == (metric, self.scope(where)))

    def open_alert(self, server: str, metric: str) -> Alert:
        host = self.hosts[server]
        alerts = [a for a in self.world.alerts() if a.is_open and (a.server_id, a.metric) == (host.server.id, metric)]
        return alerts[-1]


def _values(text: str) -> tuple[str, list[float | None]]:
    """`cpu 75|-`: by turns 75 and no value at all."""
    name, _, cycle = text.partition(" ")
    return name, [None if value == "-" else float(value) for value in cycle.split("|")]


def _sample(host: Host, at: datetime, values: dict[str, float | None], interval: float | None) -> Sample:
    given = {name: value for name, value in values.items() if value is not None}
    cpu, memory, disk = (given.pop(name, 10.0) for name in ("cpu", "memory", "disk"))
    return Sample(host.server.id, at + host.clock_off, at, cpu, memory, disk, given or None, interval)


def policy_fields(given: dict[str, str]) -> dict[str, Any]:
    """Thresholds and durations as people write them, by the names of Policy's fields."""
    fields = {
        _FIELDS.get(name, name): text for name, text in given.items() if name not in ("on", "metric", "escalation")
    }
    return {name: _READ.get(name, float)(text) for name, text in fields.items()}
