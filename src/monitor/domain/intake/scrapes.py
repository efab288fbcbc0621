"""Scrapes that a Prometheus or vmagent sends, put together into samples.

What is scraped at one time comes in one request or several, in any order, and again after an error; a rate needs the
scrape before, which may come later. So scrapes are kept for a while, and each request is added to what is known. The
samples in the end depend on what came, and not on the order; see decision 47.
"""

import json
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.node_exporter import SEPARATOR, Family, Readings, Values, families, is_of_a_host, values
from monitor.domain.intake.prometheus import KEPT, valid_name
from monitor.domain.intake.samples import MAX_EXTRA, Sample

LOOKBACK = 300_000
"""Milliseconds between neighbours at most, and how long a value counts: as long as in a query of Prometheus."""
WINDOW = 2 * LOOKBACK
"""How far around new readings scrapes have to be known."""
MAX_READINGS = 10_000
"""Readings of a scrape. Further ones are left out."""
AMENDED_WITHIN = timedelta(minutes=30)
"""A sample is amended within this time since its first reading came: its neighbours are known for longer."""


class State(IntEnum):
    """*WAITING*: there is no sample of the scrape. *FOREIGN*: another report has given one for its time."""

    WAITING = 0
    STORED = 1
    FOREIGN = 2


class Part(NamedTuple):
    """Readings of one request. *source*: the target that was scraped *at* a time, in milliseconds since 1970."""

    server_id: ServerId
    source: int
    at: int
    readings: Readings

    @property
    def is_of_a_host(self) -> bool:
        return any(map(is_of_a_host, self.readings))


@dataclass(frozen=True, kw_only=True)
class Scrape:
    """All that is known of one scrape. *is_edge*: it lacks a neighbour within LOOKBACK, and is kept for longer."""

    server_id: ServerId
    source: int
    at: int
    received_at: datetime
    packed: bytes
    state: State = State.WAITING
    is_edge: bool = True

    @property
    def key(self) -> "Key":
        return self.source, self.at

    @cached_property
    def readings(self) -> Readings:
        found: Readings = json.loads(zlib.decompress(self.packed))
        return found

    @cached_property
    def families(self) -> Mapping[str, Family]:
        return families(self.readings)

    @cached_property
    def is_of_a_host(self) -> bool:
        return any(map(is_of_a_host, self.readings))

    @cached_property
    def own(self) -> list[tuple[str, float]]:
        """Names and values of what is kept under its own name."""
        chosen = sorted((name, value) for name, value in self.readings.items() if name.startswith(KEPT))
        return [(name[len(KEPT) :].partition(SEPARATOR)[0], value) for name, value in chosen if value is not None]


def packed(readings: Readings) -> bytes:
    return zlib.compress(json.dumps(readings, separators=(",", ":")).encode(), 1)


Key = tuple[int, int]
"""Source and time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """*changed*: scrapes to keep. *due*: new samples. *amended*: samples that are stored, with what they lacked."""

    changed: Mapping[Key, Scrape] = field(default_factory=dict)
    due: Mapping[Key, Sample] = field(default_factory=dict)
    amended: Sequence[Sample] = ()

    def settled(self, are_new: Sequence[bool]) -> list[Scrape]:
        """Return the scrapes to keep. *are_new*: whether each due sample was new, or its time had one already."""
        states = {key: State.STORED if new else State.FOREIGN for key, new in zip(self.due, are_new, strict=True)}
        return [replace(each, state=states.get(key, each.state)) for key, each in self.changed.items()]


def assemble(known: Iterable[Scrape], parts: Sequence[Part], now: datetime) -> Assembled:
    """Add the *parts* of one server to the scrapes that are *known* of it, within WINDOW around them."""
    before = {scrape.key: scrape for scrape in known}
    after, touched = _added(before, parts, now)
    if not touched:
        return Assembled()
    then, today = _Scrapes(before), _Scrapes(after)
    due: dict[Key, Sample] = {}
    amended: list[Sample] = []
    for scrape in _affected(today, touched):
        if scrape.state is State.WAITING:
            if today.is_ready(scrape) and (sample := today.sample(scrape)) is not None:
                due[scrape.key] = sample
        elif scrape.state is State.STORED and now - scrape.received_at <= AMENDED_WITHIN:
            sample = today.sample(scrape)
            if sample is not None and sample != then.sample(before[scrape.key]):
                amended.append(sample)
    changed = {key: after[key] for key in [*touched, *due]}
    for scrape in today.around(touched):
        if scrape.is_edge != (edge := today.is_edge(scrape)):
            changed[scrape.key] = replace(scrape, is_edge=edge)
    return Assembled(changed=changed, due=due, amended=amended)


def _added(before: Mapping[Key, Scrape], parts: Sequence[Part], now: datetime) -> tuple[dict[Key, Scrape], set[Key]]:
    """Return all scrapes with the parts, and the keys of those that have grown."""
    after, touched = dict(before), set()
    for part in parts:
        grown = _grown(after.get((part.source, part.at)), part, now)
        if grown is not None:
            after[grown.key] = grown
            touched.add(grown.key)
    return after, touched


def _grown(scrape: Scrape | None, part: Part, now: datetime) -> Scrape | None:
    """Return the scrape with what the part adds; None if that is nothing. What came first stays."""
    held = scrape.readings if scrape is not None else {}
    new = {reading: value for reading, value in part.readings.items() if reading not in held}
    if not new:
        return None
    content = packed(dict([*held.items(), *new.items()][:MAX_READINGS]))
    if scrape is not None:
        return replace(scrape, packed=content)
    return Scrape(server_id=part.server_id, source=part.source, at=part.at, received_at=now, packed=content)


def _affected(scrapes: "_Scrapes", touched: Iterable[Key]) -> list[Scrape]:
    """Return the scrapes of hosts to which readings at these times matter, oldest first.

    Those that follow within LOOKBACK, and those before that only wait for a later one.
    """
    times = sorted({at for _, at in touched})
    found = []
    for scrape in scrapes.around(touched):
        place = bisect_right(times, scrape.at)
        follows = place > 0 and times[place - 1] >= scrape.at - LOOKBACK
        if scrape.is_of_a_host and (follows or scrape.state is State.WAITING):
            found.append(scrape)
    return found


class _Scrapes:
    """The scrapes of one server around a time, by source."""

    def __init__(self, scrapes: Mapping[Key, Scrape]) -> None:
        self._scrapes = scrapes
        self._times: dict[int, list[int]] = {}
        for source, at in sorted(scrapes):
            self._times.setdefault(source, []).append(at)

    def around(self, touched: Iterable[Key]) -> list[Scrape]:
        """Return those within LOOKBACK of the first and last time, in order of time."""
        times = [at for _, at in touched]
        first, last = min(times) - LOOKBACK, max(times) + LOOKBACK
        return sorted(
            (scrape for (_, at), scrape in self._scrapes.items() if first <= at <= last),
            key=lambda scrape: (scrape.at, scrape.source),
        )

    def is_edge(self, scrape: Scrape) -> bool:
        times = self._times[scrape.source]
        place = bisect_left(times, scrape.at)
        has_earlier = place > 0 and times[place - 1] >= scrape.at - LOOKBACK
        has_later = place + 1 < len(times) and times[place + 1] <= scrape.at + LOOKBACK
        return not (has_earlier and has_later)

    def is_ready(self, scrape: Scrape) -> bool:
        """Tell whether all of it is there: each series of the scrape before. Or a later one came, and no more may."""
        times = self._times[scrape.source]
        if times[-1] > scrape.at:
            return True
        before = next((each for each in self._before(scrape) if each.is_of_a_host), None)
        if before is None:
            return True
        return all(reading in scrape.readings for reading, value in before.readings.items() if value is not None)

    def sample(self, scrape: Scrape) -> Sample | None:
        """Return the sample of a host's scrape; None as long as CPU, memory or disk is not known."""

        def before(metric: str) -> Iterator[tuple[float, Family]]:
            for each in self._before(scrape):
                if (family := each.families.get(metric)) is not None:
                    yield (scrape.at - each.at) / 1000, family

        found = values(scrape.at / 1000, scrape.families, before)
        if found.cpu is None or found.memory is None or found.disk is None:
            return None
        at = _moment(scrape.at)
        extra = self._extra(scrape, found)
        return Sample(scrape.server_id, at, scrape.received_at, found.cpu, found.memory, found.disk, extra or None)

    def _before(self, scrape: Scrape) -> Iterable[Scrape]:
        """Yield the earlier scrapes of the source within LOOKBACK, the newest first."""
        times = self._times[scrape.source]
        for at in reversed(times[: bisect_left(times, scrape.at)]):
            if at < scrape.at - LOOKBACK:
                return
            yield self._scrapes[scrape.source, at]

    def _extra(self, scrape: Scrape, found: Values) -> dict[str, float]:
        """Return the host's metrics, then those under their own names, then those of single devices."""
        totals = [each for each in found.extra.items() if ":" not in each[0]]
        devices = [each for each in found.extra.items() if ":" in each[0]]
        chosen: dict[str, float] = {}
        for name, value in [*totals, *self._own(scrape), *devices]:
            if len(chosen) == MAX_EXTRA:
                break
            chosen.setdefault(valid_name(name), value)
        return chosen

    def _own(self, scrape: Scrape) -> Iterable[tuple[str, float]]:
        """Yield the newest values of all sources at the time of the scrape, as a query of Prometheus finds them."""
        if scrape.own:
            yield from scrape.own
        for source, times in sorted(self._times.items()):
            place = bisect_right(times, scrape.at)
            if source != scrape.source and place > 0 and times[place - 1] >= scrape.at - LOOKBACK:
                yield from self._scrapes[source, times[place - 1]].own


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
