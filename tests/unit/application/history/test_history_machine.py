"""Sealing, pruning and storing in any order, against a plain list of the stored samples."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monitor.application.history import tiers
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter
from monitor.domain.history.frames import Frame, concatenated, cut, frame_of
from monitor.domain.history.rollups import HALF_DAY, HOUR, ROLLUP_SPANS, TEN_MINUTES, folded, rolled_up
from monitor.domain.intake.samples import Sample
from monitor.domain.preferences import Preferences
from monitor.domain.times import SECOND, microseconds
from tests.examples import examples
from tests.unit.application.core import ROOT, Core

METRICS = ["cpu", "memory", "disk", "load1", "disk:/var"]
STEP = timedelta(minutes=17)
MOST_DAYS = 2
DAYS_BACK = 10
DAY = 24 * HOUR
OLDEST = MOST_DAYS * 86_400 // int(STEP.total_seconds())
ages = st.sets(st.integers(1, OLDEST), min_size=1, max_size=12)
runs = st.tuples(st.integers(1, OLDEST), st.integers(1, OLDEST)).map(lambda run: set(range(run[0], sum(run))))
some_transactions = st.sampled_from([0, 1, 1000, 1000])


class History(RuleBasedStateMachine):
    """One server. Each sample's values depend on its time, so that a mix-up is noticed."""

    @initialize(minutes=st.integers(0, 59), ages=runs)
    def begin(self, minutes: int, ages: set[int]) -> None:
        self.core = Core()
        self.core.clock.advance(60 * minutes)
        self.server = self.core.server()
        self.kept = Preferences(chunk_days=MOST_DAYS, raw_days=1)
        self.stored: dict[int, Sample] = {}
        self.expired: dict[int, Sample] = {}
        self.touched: set[int] = set()
        self.samples_come(ages, {"load1"})

    @rule(hours=st.sampled_from([0.1, 1, 5]))
    def time_passes(self, hours: float) -> None:
        self.core.clock.advance(3600 * hours)

    @rule(ages=ages | runs, has=st.sets(st.sampled_from(METRICS[3:])))
    def samples_come(self, ages: set[int], has: set[str]) -> None:
        """Samples that are new, late or repeated, but not too old."""
        now = self.core.clock.now()
        found = [self._sample(age, has) for age in sorted(ages) if age * STEP <= self.kept.samples_kept]
        places = [microseconds(sample.recorded_at) for sample in found]
        known = self.stored | self.expired
        fresh = {at: known.get(at, sample) for at, sample in zip(places, found, strict=True)}
        self.core.store_samples([sample._replace(received_at=now) for sample in fresh.values()])
        self.stored |= fresh

    def _sample(self, age: int, has: set[str]) -> Sample:
        begin = self.core.clock.now() - age * STEP
        second = microseconds(begin) // 1_000_000
        extra = dict.fromkeys(sorted(has), second % 1009 / 8)
        return self.core.sample(self.server, -(age * STEP).total_seconds(), cpu=second % 97 + 0.25, extra=extra or None)

    @rule(transactions=some_transactions, hours=st.sampled_from([0, 3, 24]))
    def hours_are_sealed(self, transactions: int, hours: int) -> None:
        """Run only some transactions, so that another rule comes in between."""
        list(islice(self.core.seal_history(self.core.clock.now() - timedelta(hours=hours)), transactions))

    @rule(transactions=some_transactions, days=st.sampled_from([1.0, 1.2, MOST_DAYS]))
    def expired_parts_are_deleted(self, transactions: int, days: float) -> None:
        """Prune with a shorter or longer retention than before."""
        self.kept, now = Preferences(chunk_days=days, raw_days=1), self.core.clock.now()
        due = microseconds(now - self.kept.samples_kept) // HOUR
        self.expired |= {at: sample for at, sample in self.stored.items() if at // HOUR < due}
        self.stored = {at: sample for at, sample in self.stored.items() if at // HOUR >= due}
        self.touched |= {at // HOUR for at in self.expired}
        if len(list(islice(self.core.keep_history.prune(self.kept, now), transactions))) < transactions:
            self.expired = {at: sample for at, sample in self.expired.items() if at // HOUR >= due}

    @invariant()
    def every_sample_is_read_once(self) -> None:
        rows = newest(self.core.store.queries, ROOT, SampleFilter(limit=10_000))
        found = [row.sample._replace(extra=row.sample.extra or None) for row in reversed(rows)]
        places = [microseconds(sample.recorded_at) for sample in found]
        assert places == sorted(set(places))
        expected = self.stored | {at: sample for at, sample in self.expired.items() if at in set(places)}
        assert places == sorted(expected)
        assert [_values(sample) for sample in found] == [_values(expected[at]) for at in places]

    @invariant()
    def rollups_are_of_all_samples(self) -> None:
        """Compare buckets that were not pruned, not even in part."""
        frame = frame_of([sample for _, sample in sorted(self.stored.items())])
        hours = concatenated([rolled_up(frame.part(place)) for _, place in cut(frame.times, HOUR)])
        for width in ROLLUP_SPANS:
            each = width * SECOND
            begin, end = (microseconds(self.core.clock.now()) // each - n * DAYS_BACK * DAY // each for n in (1, 0))
            span, queries = (begin * each, end * each), self.core.store.queries
            if each == HALF_DAY:
                found = tiers.half_days(queries, ROOT, self.server.id, *span, METRICS)
            else:
                found = tiers.rollups(queries, ROOT, self.server.id, width, *span, METRICS)
            lacking = {(hour * HOUR + part) // each for hour in self.touched for part in range(0, HOUR, TEN_MINUTES)}
            whole = set(range(begin, end)) - lacking
            mine, theirs = (
                [row for row in _rows(rollups) if row[0] // each in whole] for rollups in (found, folded(hours, each))
            )
            assert mine == theirs


def _values(sample: Sample) -> tuple[object, ...]:
    return sample.cpu, sample.memory, sample.disk, sample.extra


def _rows(frame: Frame) -> Sequence[tuple[int, dict[str, float]]]:
    """Return the values of each bucket."""
    return [
        (time, {name: v for name, held in sorted(frame.columns.items()) if (v := held[at]) is not None})
        for at, time in enumerate(frame.times)
    ]


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=2_000 if settings.get_current_profile_name() == "fuzz" else examples(25), stateful_step_count=20
)
