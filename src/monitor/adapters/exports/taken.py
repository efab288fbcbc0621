"""What an export becomes here, and what is left out."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.checks import checks
from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.reading import Unreadable, read
from monitor.domain.configuration.references import Installation
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import Server, canonical_ip
from monitor.domain.times import UNSET_TIME

_MOST_THINGS = 10_000
_NOTHING = Configuration(), Installation(servers={}, users={}, forms={})


class Untaken(Exception):
    """An export, or one thing of it, cannot be taken over. Its text says why."""


class Record(dict[str, Any]):
    """A mapping of an export, whose values may be of any type. Reading them raises Untaken."""

    def text(self, name: str, default: str = "") -> str:
        return str(self.get(name) or default)

    def number(self, name: str, default: int = 0) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", found := self.text(name, str(default))):
            raise Untaken(f"{name} is no number from 0 on")
        return float(found)

    def records(self, name: str, default: Any = ()) -> list["Record"]:
        found = self.get(name, default) or default
        if not isinstance(found, list | tuple) or not all(isinstance(each, dict) for each in found):
            raise Untaken(f"it has no list {name}")
        return [Record(each) for each in found]


@dataclass(slots=True)
class Taken:
    """*servers*: by address, by which entries name them. *sections*: of a configuration file, entries by name; policies
    too. *left_out*: names, and why. What adds something raises Untaken or InvalidInput."""

    servers: dict[str, Server] = field(default_factory=dict)
    sections: dict[str, dict[str, Any]] = field(default_factory=lambda: {"checks": {}, "check_ins": {}, "policies": {}})
    left_out: list[tuple[str, str | InvalidInput]] = field(default_factory=list)
    _copies: Counter[tuple[str, str]] = field(default_factory=Counter)

    @contextmanager
    def item(self, name: str) -> Iterator[None]:
        """Leave out what the block cannot take over. Raises Untaken if there are too many things."""
        try:
            yield
        except (Untaken, InvalidInput) as error:
            self.left_out.append((name, error if isinstance(error, InvalidInput) else str(error)))
        if len(self.servers) + len(self.left_out) + sum(map(len, self.sections.values())) > _MOST_THINGS:
            raise Untaken(f"it has more than {_MOST_THINGS:,} things")

    def lose(self, name: str, record: Record, reasons: Mapping[str, str]) -> None:
        """Leave out fields of what is taken over. *reasons*: by field."""
        self.left_out += [(name, f"{field}: {why}") for field, why in reasons.items() if record.get(field)]

    def server(self, name: str, address: str, tags: frozenset[str] = frozenset()) -> str:
        """Return the address as it is stored."""
        added = Server(name=name, ip_address=canonical_ip(address), created_at=UNSET_TIME, tags=tags)
        if (held := self.servers.setdefault(added.ip_address, added)) is not added:
            raise Untaken(f"{held.name} has the same address")
        return added.ip_address

    def check(self, name: str, kind: str, target: str, interval: float, timeout: float, **entry: Any) -> None:
        """Times beyond the limits become the nearest within them; a *timeout* of 0 the usual one."""
        interval = min(max(interval, checks.SHORTEST_INTERVAL), checks.LONGEST_INTERVAL)
        timeout = max(min(timeout or checks.DEFAULT_TIMEOUT, checks.LONGEST_TIMEOUT, 0.8 * interval), 1.0)
        self.add("checks", name, kind=kind, target=target, interval=interval, timeout=timeout, **entry)

    def add(self, section: str, name: str, **entry: Any) -> None:
        """Add an entry. One of the same name gets a number, but not a policy."""
        name = name.strip()  # as it is stored
        held, found = self.sections[section], name
        while section != "policies" and found in held:
            self._copies[section, name] += 1
            found = f"{name} ({self._copies[section, name] + 1})"
        given = {field: value for field, value in entry.items() if value}
        try:
            read({section: [given] if section == "policies" else {found: given}}, *_NOTHING)
        except Unreadable as error:
            raise InvalidInput({".".join(map(str, path[2:])): each for path, each in error.problems.items()}) from None
        if held.setdefault(found, given) is not given:
            raise Untaken("there is another one")

    def added_to(self, current: Mapping[str, Any], addresses: Mapping[str, str]) -> dict[str, Any]:
        """Return the sections of *current* that get something new; what is there stays. *addresses*: of servers."""
        listed, tree = current.get("policies") or [], dict[str, Any]()
        alike = [each for each in listed if each.get("kind", "threshold") == "threshold" and "server" in each["scope"]]
        scopes = [(each["metric"], each["scope"]["server"]) for each in alike]
        watched = {f"{metric} of {addresses.get(server, server)}" for metric, server in scopes}
        for section, mine in self.sections.items():
            held = current.get(section) or {}
            known = watched if section == "policies" else held
            if new := {name: entry for name, entry in mine.items() if name not in known}:
                tree[section] = [*listed, *new.values()] if section == "policies" else {**held, **new}
        return tree
