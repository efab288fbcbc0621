"""What forecast and range policies know, in this process's memory: a line or a range for each server and policy.

It is read from the database when it is first needed, and follows the samples from then on. After a start that is
thousands: each transaction reads a few, and samples that wait for theirs are owed, which is stored. They are evaluated
with the next sample after it was read, or anew if none comes (`application.alerts.anew`).
"""

from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime
from heapq import nsmallest
from math import inf
from typing import Any, NamedTuple, Protocol

from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.due import DueEvaluation
from monitor.domain.alerts.engine import Rule
from monitor.domain.alerts.outlooks import Outlook, outlook_of
from monitor.domain.alerts.policies import Policy, PolicyKind, WatchKey
from monitor.domain.alerts.ranges import Extremes, Range
from monitor.domain.alerts.sights import UNKNOWN, Sight
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, frame_of, merged
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.samples import Sample
from monitor.domain.times import microseconds, moment

READ_AT_ONCE = 2
"""What one transaction reads, some 3 ms each of a host that reports every 15 s."""
_FEW = 6
"""After more ten minutes, or hours, all is read anew, which is quicker than every sample."""
Key = tuple[ServerId, WatchKey]


class Judged(NamedTuple):
    """Sample that a policy is to judge, its value, and what is known then. *is_new*: since this sample."""

    sample: Sample
    value: float
    sight: Sight = UNKNOWN
    is_new: bool = False


class Watching(Protocol):
    """What the state cache knows of a policy on a server; see `state_cache.Watch`."""

    @property
    def key(self) -> WatchKey: ...

    @property
    def column(self) -> int: ...

    @property
    def floor(self) -> float: ...

    @property
    def rule(self) -> Rule: ...

    @property
    def policy(self) -> Policy: ...


class Resting(NamedTuple):
    """Outlooks of one server that are idle, and stay so before *ends* at values between two of each of *parts*.

    *parts*: the metric's place in a sample, -1 if it is in `extra`; its name; the least and the greatest value; the
    outlook.
    """

    watches: Sequence[Watching]
    ends: datetime
    parts: Sequence[tuple[int, str, float, float, Outlook | None]]

    def holds(self, sample: Sample) -> bool:
        """Tell whether *sample*, newer than the last, changes nothing but the outlooks."""
        if sample.recorded_at >= self.ends:
            return False
        row: Any = sample
        for column, metric, low, high, _ in self.parts:
            value = row[column] if column >= 0 else (sample.extra or {}).get(metric)
            if value is not None and not low <= value <= high:
                return False
        return True

    def add(self, sample: Sample) -> None:
        row: Any = sample
        for column, metric, _, _, outlook in self.parts:
            value = row[column] if column >= 0 else (sample.extra or {}).get(metric)
            if value is not None and outlook is not None:
                outlook.add(value)


class Outlooks:
    """*owed*: what waits for its outlook. *doubted*: those whose present ten minutes, or hour, may lack samples that
    another process stored."""

    def __init__(self, stored: StoredHistory) -> None:
        self.stored = stored
        self.owed: dict[Key, DueEvaluation] = {}
        self.doubted: set[Key] = set()
        self.resting: dict[ServerId, Resting] = {}
        self._held: dict[ServerId, dict[WatchKey, Outlook]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def of(self, key: Key, policy: Policy) -> Outlook | None:
        held = self._held.get(key[0], {}).get(key[1])
        return held if held is not None and held.policy is policy else None

    def forget(self, server_ids: Iterable[ServerId]) -> None:
        """Read those of these servers again: a late sample belongs to them, or a transaction failed."""
        for server_id in server_ids:
            self._held.pop(server_id, None)
            self.resting.pop(server_id, None)

    def doubt(self, server_ids: Iterable[ServerId]) -> None:
        """Note that another process stored samples of these servers."""
        self.doubted.update((server_id, key) for server_id in server_ids for key in self._held.get(server_id, ()))

    def follow(self, policies: Iterable[Policy], is_there: set[ServerId]) -> None:
        """Keep only those of these policies and servers."""
        self.resting.clear()
        same = {policy: policy for policy in policies}
        self.forget([server_id for server_id in self._held if server_id not in is_there])
        for outlooks in self._held.values():
            for key, held in list(outlooks.items()):
                if held.policy in same:
                    held.policy = same[held.policy]
                else:
                    del outlooks[key]
        self.owed = {key: owed for key, owed in self.owed.items() if key[0] in is_there}
        self.doubted = {key for key in self.doubted if key[0] in is_there}

    def apply(self, following: "Following") -> None:
        """Take over what a committed transaction changed."""
        for key in following.read:
            self.owed.pop(key, None)
            self.doubted.discard(key)
        self.owed |= {(each.server_id, each.watched): each for each in following.noted}
        for (server_id, watched), outlook in following.changed.items():
            self._held.setdefault(server_id, {})[watched] = outlook
            self.resting.pop(server_id, None)
        for resting, sample in following.at_rest:
            resting.add(sample)
        self.forget(following.late)

    def rest(self, server_id: ServerId, watches: Sequence[Watching], busy: Container[Key]) -> None:
        """Note what samples of that server change nothing but its outlooks. *busy*: what is pending or firing."""
        parts, ends = [], datetime.max.replace(tzinfo=UTC)
        for watch in watches:
            held, low, high = self.of((server_id, watch.key), watch.policy), inf, -inf
            if (server_id, watch.key) in busy:
                return
            if held is not None:  # else its samples lack the metric so far
                if held.policy.kind is PolicyKind.FORECAST and held.sight.compared * watch.rule.sign >= watch.floor:
                    return
                low, high = held.usual
                ends = min(ends, moment(held.since + held.unit))
            parts.append((watch.column, watch.policy.metric, low, high, held))
        self.resting[server_id] = Resting(watches, ends, parts)


class Following:
    """The outlooks within one transaction, which may fail: `Outlooks.apply` takes over the result.

    *at_rest*: samples that change no more than outlooks. *owed*: the first that wait, by their times. *noted*: them as
    they are stored. *read*: what was just read. *first*: what waits longest, and is read before all else. *looked*:
    servers whose outlooks see samples. *late*: samples that are evaluated later, but belong to all that are evaluated
    after them.
    """

    def __init__(self, outlooks: Outlooks) -> None:
        self._outlooks = outlooks
        self.changed: dict[Key, Outlook] = {}
        self.at_rest: list[tuple[Resting, Sample]] = []
        self.owed: dict[Key, datetime] = {}
        self.noted: list[DueEvaluation] = []
        self.read: set[Key] = set()
        self.first: set[Key] = set()
        self.looked: set[ServerId] = set()
        self.late: dict[ServerId, dict[datetime, Sample]] = {}

    def note_late(self, sample: Sample) -> None:
        self.late.setdefault(sample.server_id, {})[sample.recorded_at] = sample

    def begin(self, keys: Iterable[Key]) -> None:
        """Choose what is read of *keys*, whose samples come now: of what is owed, that which waits longest."""
        owed = self._outlooks.owed
        waiting = {key for key in keys if key in owed}
        self.first = set(nsmallest(READ_AT_ONCE, waiting, key=lambda key: (owed[key].since, key)))

    def judged(self, key: Key, policy: Policy, sample: Sample, value: float) -> list[Judged]:
        """Return what is to be judged now: the sample after those that were owed, or nothing if it is owed itself."""
        at = microseconds(sample.recorded_at)
        missed: list[Judged] = []
        outlook = self.changed.get(key)
        if outlook is None:
            held = None if key[0] in self.late else self._outlooks.of(key, policy)
            if held is not None and (held.stays(at) or key not in self._outlooks.doubted):
                outlook = held.copy()
            elif key in self.first or len(self.read | self.first) < READ_AT_ONCE:
                outlook, missed = self._read(key, policy, held, sample, at)
            else:
                self.owed.setdefault(key, sample.recorded_at)
                return []
            self.changed[key] = outlook
        was = outlook.sight
        return [*missed, Judged(sample, value, sight := outlook.see(at, value), bool(missed) or sight is not was)]

    def _read(
        self, key: Key, policy: Policy, held: Outlook | None, sample: Sample, at: int
    ) -> tuple[Outlook, list[Judged]]:
        """Let an outlook see what is stored before the sample *at* that time, and return what was owed of it."""
        self.read.add(key)
        if held is not None and at - held.since > _FEW * held.unit:
            held = None
        owed = self._outlooks.owed.get(key)
        owed_from = at if owed is None else min(at, microseconds(owed.since))
        if policy.changed_at is not None:
            owed_from = max(owed_from, min(at, microseconds(policy.changed_at) + 1))
        stored, late = self._outlooks.stored, self.late.get(key[0], {})
        own = frame_of([late[then] for then in sorted(late)])  # what this transaction stores cannot be read yet
        outlook = begun(stored, sample.server_id, policy, owed_from, own) if held is None else held.copy()
        if held is not None:
            outlook.begin_again()
        since = moment(max(0, outlook.since if held is not None else owed_from - owed_from % outlook.unit))
        frame = stored.frame(sample.server_id, [policy.metric, DECLARED], since, sample.recorded_at)
        frame = merged(frame, own.between(microseconds(since), at))
        missed: list[Judged] = []
        columns = (frame.times, frame.column(policy.metric), frame.column(DECLARED))
        for then, value, declared in zip(*columns, strict=True):
            if value is None:
                continue
            sight = outlook.see(then, value)
            if then >= owed_from:
                missed.append(Judged(sample._replace(recorded_at=moment(then), interval=declared), value, sight))
        return outlook, missed


def begun(stored: StoredHistory, server_id: ServerId, policy: Policy, at: int, more: Frame | None = None) -> Outlook:
    """Return what *policy* knows from all before the ten minutes, or the hour, of *at* (microseconds).

    *more*: samples that are not stored yet.
    """
    outlook = outlook_of(policy)
    if outlook is None:
        raise ValueError("a threshold has no outlook")
    end = at - at % outlook.unit
    start, more = max(0, end - outlook.window), more or Frame()
    if isinstance(outlook, Range):
        hours = [Extremes(*each) for each in stored.extremes(server_id, policy.metric, start, end)]
        outlook.learn(_with(hours, more.between(start, end), policy.metric))
        return outlook
    frame = stored.frame(server_id, [policy.metric], moment(start), moment(end))
    frame = merged(frame, more.between(start, end))
    outlook.along(frame.times, frame.column(policy.metric))
    return outlook


def _with(hours: list[Extremes], more: Frame, metric: str) -> list[Extremes]:
    """Return *hours* with *more* samples, in order of time."""
    own = [
        Extremes(at - at % HOUR, value, value)
        for at, value in zip(more.times, more.column(metric), strict=True)
        if value is not None
    ]
    return sorted([*hours, *own])
