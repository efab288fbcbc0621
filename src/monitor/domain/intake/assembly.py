"""Puts parts of scrapes together: which scrapes there are then, and which samples follow.

All that is done here for one server is bounded, whatever its key sends: see decision 55.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from monitor.domain.intake.known import LOOKBACK, Full, Known, NotKnown, Room, times_of
from monitor.domain.intake.node_exporter import Family, Readings, Values, values
from monitor.domain.intake.prometheus import valid_name
from monitor.domain.intake.samples import MAX_EXTRA, Sample
from monitor.domain.intake.scrapes import Key, Part, Scrape, State, packed

AMENDED_WITHIN = timedelta(minutes=30)
"""A sample is amended within this time since its first reading came: its neighbours are known for longer."""
MAX_READINGS = 10_000
MAX_NAMES = 1_000_000
"""Characters of the names of a scrape's readings. Further ones are left out."""
MOST_RECHECKED = 300
MOST_RECHECKED_BYTES = 1_000_000
"""Of scrapes that are known already and may give (other) samples now, the nearest. Further ones stay as they are."""
EARLIER = 8
"""Scrapes before one in which the metrics that it needs are looked for."""
UNPACKED = 1_000_000
"""Packed bytes of the scrapes whose readings are in memory at one time."""
_valid = lru_cache(maxsize=4096)(valid_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """What follows from new parts. *room*: what is taken then.

    *changed*: scrapes to keep. *inner*: others that have both neighbours now. *due*: new samples. *amended*: stored
    samples, with what they lacked. *refused*: parts without room, and why.
    """

    changed: Mapping[Key, Scrape] = field(default_factory=dict)
    inner: Sequence[Scrape] = ()
    due: Mapping[Key, Sample] = field(default_factory=dict)
    amended: Sequence[Sample] = ()
    refused: Sequence[tuple[Part, Full]] = ()
    room: Room

    def settled(self, are_new: Sequence[bool]) -> list[Scrape]:
        """Return the scrapes to keep. *are_new*: whether each due sample was new, or its time had one already."""
        states = {key: State.STORED if new else State.FOREIGN for key, new in zip(self.due, are_new, strict=True)}
        return [
            each.marked(states[key], is_edge=each.is_edge) if key in states else each
            for key, each in self.changed.items()
        ]


def assemble(known: Known, parts: Sequence[Part], now: datetime) -> Assembled:
    """Add the *parts* of one server to what is *known* of it. Raises NotKnown."""
    before, room = known.scrapes, known.room.copy()
    after, touched, refused = _added(before, parts, now, room)
    if not touched:
        return Assembled(refused=refused, room=room)
    since = None if known.is_whole else known.since
    then, today = _Scrapes(before, since), _Scrapes(after, since)
    due: dict[Key, Sample] = {}
    amended: list[Sample] = []
    for scrape in today.affected(touched, then):
        if scrape.state is State.WAITING:
            if today.is_ready(scrape) and (sample := today.sample(scrape)) is not None:
                due[scrape.key] = sample
        elif scrape.state is State.STORED and now - scrape.received_at <= AMENDED_WITHIN:
            sample = today.sample(scrape)
            if sample is not None and sample != then.sample(before[scrape.key]):
                amended.append(sample)
    changed = {key: after[key] for key in [*touched, *due]}
    inner: list[Scrape] = []
    for scrape in today.inner(touched - before.keys()):
        if scrape.key in changed:
            changed[scrape.key] = scrape.marked(scrape.state, is_edge=False)
        else:
            inner.append(scrape.marked(scrape.state, is_edge=False))
    return Assembled(changed=changed, inner=inner, due=due, amended=amended, refused=refused, room=room)


def _added(
    before: Mapping[Key, Scrape], parts: Sequence[Part], now: datetime, room: Room
) -> tuple[dict[Key, Scrape], set[Key], list[tuple[Part, Full]]]:
    """Return all scrapes with the parts, the keys of those that have grown, and the parts that are refused."""
    after, touched, refused = dict(before), set(), []
    for part in parts:
        scrape = after.get((part.source, part.at))
        full = room.lacks(part, scrape)
        grown = _grown(scrape, part, now) if full is None else None
        if grown is not None:
            full = room.take(grown, scrape)
        if full is not None:
            refused.append((part, full))
        elif grown is not None:
            after[grown.key] = grown
            touched.add(grown.key)
    return after, touched, refused


def _grown(scrape: Scrape | None, part: Part, now: datetime) -> Scrape | None:
    """Return the scrape with what the part adds; None if that is nothing. The first value of a reading stays."""
    held = scrape.readings if scrape is not None else {}
    new = _that_fit(held, part.readings)
    if scrape is not None:
        scrape.let_go()
    if not new:
        return None
    if scrape is not None:
        return replace(scrape, packed=packed({**held, **new}))
    made = Scrape(server_id=part.server_id, source=part.source, at=part.at, received_at=now, packed=packed(new))
    made.__dict__["readings"] = new  # as if it was unpacked
    return made


def _that_fit(held: Readings, readings: Readings) -> dict[str, float | None]:
    if not held and len(readings) <= MAX_READINGS and sum(map(len, readings)) <= MAX_NAMES:  # as nearly always
        return dict(readings)
    new: dict[str, float | None] = {}
    left = MAX_NAMES - sum(map(len, held))
    for reading, value in readings.items():
        if reading not in held:
            left -= len(reading)
            if left < 0 or len(held) + len(new) == MAX_READINGS:
                break
            new[reading] = value
    return new


def spans(times: Iterable[int], reach: int) -> list[tuple[int, int]]:
    """Return the first and last time of all that is within *reach* of one of *times*, without overlaps."""
    found: list[tuple[int, int]] = []
    for at in sorted(times):
        if found and at - reach <= found[-1][1]:
            found[-1] = found[-1][0], at + reach
        else:
            found.append((at - reach, at + reach))
    return found


class _Scrapes:
    """The scrapes of one server around some times, by source."""

    def __init__(self, scrapes: Mapping[Key, Scrape], since: int | None) -> None:
        """*since*: all later ones are among *scrapes*, others may be missing. None: none that matters is missing."""
        self._scrapes = scrapes
        self._since = since
        self._times = times_of(scrapes)
        self._open: dict[Key, Scrape] = {}
        self._open_bytes = 0

    def around(self, touched: Iterable[Key]) -> list[Scrape]:
        """Return those within LOOKBACK of one of the times, in order of time."""
        near = spans({at for _, at in touched}, LOOKBACK)
        keys = [
            (at, source)
            for source, times in self._times.items()
            for first, last in near
            for at in times[bisect_left(times, first) : bisect_right(times, last)]
        ]
        return [self._scrapes[source, at] for at, source in sorted(keys)]

    def affected(self, touched: set[Key], then: "_Scrapes") -> Iterator[Scrape]:
        """Yield the scrapes of hosts to which readings at these times matter, oldest first.

        Those that follow within LOOKBACK, and those that waited for a later one. *then*: the scrapes without the
        readings.
        """
        times = sorted({at for _, at in touched})
        others: list[tuple[int, Scrape]] = []
        for scrape in self.around(touched):
            place = bisect_right(times, scrape.at)
            since = scrape.at - times[place - 1] if place else LOOKBACK + 1
            until = times[place] - scrape.at if place < len(times) else LOOKBACK + 1
            waited = scrape.state is State.WAITING and then.is_newest(scrape)
            if scrape.key not in touched and (since <= LOOKBACK or waited):
                others.append((min(since, until), scrape))
        chosen = set(touched)
        left = MOST_RECHECKED_BYTES
        for _, scrape in sorted(others, key=lambda each: each[0])[:MOST_RECHECKED]:
            if (left := left - len(scrape.packed)) < 0:
                break
            chosen.add(scrape.key)
        for source, at in sorted(chosen, key=lambda key: (key[1], key[0])):
            if (scrape := self._opened(source, at)).is_of_a_host:
                yield scrape

    def is_newest(self, scrape: Scrape) -> bool:
        """Tell whether it is the newest of its target."""
        return self._times.get(scrape.source, [0])[-1] == scrape.at

    def inner(self, new: Iterable[Key]) -> Iterator[Scrape]:
        """Yield those that have both neighbours since the *new* ones came, which may be neighbours themselves."""
        beside: set[Key] = set()
        for source, at in new:
            times = self._times[source]
            place = bisect_left(times, at)
            beside.update((source, each) for each in times[max(0, place - 1) : place + 2])
        for key in sorted(beside):
            if (scrape := self._scrapes[key]).is_edge and self._is_inner(scrape):
                yield scrape

    def _is_inner(self, scrape: Scrape) -> bool:
        times = self._times[scrape.source]
        place = bisect_left(times, scrape.at)
        if place + 1 == len(times) or times[place + 1] > scrape.at + LOOKBACK:
            return False
        if place == 0:
            self._need(scrape)
        return place > 0 and times[place - 1] >= scrape.at - LOOKBACK

    def _need(self, scrape: Scrape) -> None:
        """Call where one before *scrape* would matter, and none is known. Raises NotKnown."""
        if self._since is not None and scrape.at - LOOKBACK < self._since:
            raise NotKnown

    def is_ready(self, scrape: Scrape) -> bool:
        """Tell whether all of it is there: each series of the scrape before. Or a later one came, and no more may."""
        if not self.is_newest(scrape):
            return True
        before = next((each for each in self._before(scrape) if each.is_of_a_host), None)
        if before is None:
            return True
        lacking = before.readings.keys() - scrape.readings.keys()
        return all(before.readings[reading] is None for reading in lacking)

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
        place = bisect_left(times, scrape.at)
        for at in reversed(times[max(0, place - EARLIER) : place]):
            if at < scrape.at - LOOKBACK:
                return
            yield self._opened(scrape.source, at)
        if place < EARLIER:
            self._need(scrape)

    def _extra(self, scrape: Scrape, found: Values) -> dict[str, float]:
        """Return the host's metrics, then those under their own names, then those of single devices."""
        totals = [each for each in found.extra.items() if ":" not in each[0]]
        devices = [each for each in found.extra.items() if ":" in each[0]]
        chosen: dict[str, float] = {}
        for name, value in [*totals, *self._own(scrape), *devices]:
            if len(chosen) == MAX_EXTRA:
                break
            chosen.setdefault(_valid(name), value)
        return chosen

    def _own(self, scrape: Scrape) -> Iterable[tuple[str, float]]:
        """Yield the newest values of all sources at the time of the scrape, as a query of Prometheus finds them."""
        if scrape.own:
            yield from scrape.own
        for source, times in self._times.items():  # in order
            place = bisect_right(times, scrape.at)
            if place == 0:
                self._need(scrape)
            elif source != scrape.source and times[place - 1] >= scrape.at - LOOKBACK:
                yield from self._opened(source, times[place - 1]).own

    def _opened(self, source: int, at: int) -> Scrape:
        """Return a scrape whose readings will be asked for. Those asked for first are let go of."""
        scrape = self._scrapes[source, at]
        if scrape.key not in self._open:
            self._open[scrape.key] = scrape
            self._open_bytes += len(scrape.packed)
            while self._open_bytes > UNPACKED and len(self._open) > 1:
                oldest = self._open.pop(next(iter(self._open)))
                self._open_bytes -= len(oldest.packed)
                oldest.let_go()
        return scrape


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
