"""What forecast and range policies know, in this process's memory: a line or a range for each server and policy.

It is read from the database when it is first needed, and follows the samples from then on. After a start that is
thousands: each transaction reads a few, and samples that wait for theirs are owed, which is stored. They are evaluated
with the next sample after it was read, or anew if none comes (`application.alerts.anew`).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any, NamedTuple

from monitor.application.alerts.evaluating.sample_rules import Limits, RulesOfServer, SampleRule
from monitor.application.history.learning import learn, new_model, window_of
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.due import DueEvaluation
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, frame_of, merged
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.policies import Policy, WatchKey
from monitor.domain.policies.series_models import UNKNOWN, Prediction, SeriesModel
from monitor.domain.times import microseconds, moment

READ_AT_ONCE = 6
"""What one transaction reads, some 3 ms each of a host that reports every 15 s. A divisor of EMPTY_AT_ONCE."""
EMPTY_AT_ONCE = 96
"""What it reads of hosts whose last sample is too old to belong to it."""
_FEW = 6
"""After more ten minutes, or hours, all is read anew, which is quicker than every sample."""
_FOREVER = datetime.max.replace(tzinfo=UTC)
_NO_VALUE = inf, -inf
Key = tuple[ServerId, WatchKey]


class Judged(NamedTuple):
    """Sample that a policy is to judge, its value, and what is known then. *is_new*: since this sample."""

    sample: Sample
    value: float
    prediction: Prediction = UNKNOWN
    is_new: bool = False


class Resting(NamedTuple):
    """Models of one server that stay idle before *ends* while values are within limits.

    *limits*: of all rules of the server. *of_models*: those of forecasts and ranges alone. *models*: of each the
    metric's place in a sample, -1 if it is in `extra`, and the metric's name.
    """

    rules: RulesOfServer
    ends: datetime
    limits: Limits
    of_models: Limits
    models: Sequence[tuple[int, str, SeriesModel]]

    def add(self, sample: Sample) -> None:
        row: Any = sample
        for column, metric, model in self.models:
            value = row[column] if column >= 0 else (sample.extra or {}).get(metric)
            if value is not None:
                model.add(value)


class SeriesModels:
    """*owed*: what waits for its model. *doubted*: those whose present ten minutes, or hour, may lack samples that
    another process stored."""

    def __init__(self, stored: StoredHistory) -> None:
        self.stored = stored
        self.owed: dict[Key, DueEvaluation] = {}
        self.doubted: set[Key] = set()
        self.resting: dict[ServerId, Resting] = {}
        self._held: dict[ServerId, dict[WatchKey, SeriesModel]] = {}

    def __len__(self) -> int:
        return max(len(self._held), len(self.resting))

    def of(self, key: Key, policy: Policy) -> SeriesModel | None:
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
        for models in self._held.values():
            for key, held in list(models.items()):
                if held.policy in same:
                    held.policy = same[held.policy]
                else:
                    del models[key]
        self.owed = {key: owed for key, owed in self.owed.items() if key[0] in is_there}
        self.doubted = {key for key in self.doubted if key[0] in is_there}

    def apply(self, changes: "ModelChanges") -> None:
        """Take over what a committed transaction changed."""
        for key in changes.read:
            self.owed.pop(key, None)
            self.doubted.discard(key)
        self.owed |= {(each.server_id, each.watched): each for each in changes.noted}
        for (server_id, watched), model in changes.changed.items():
            self._held.setdefault(server_id, {})[watched] = model
        for resting, sample in changes.at_rest:
            resting.add(sample)
        self.forget(changes.late)

    def rest(self, server_id: ServerId, rules: RulesOfServer, busy: Container[Key]) -> None:
        """Note which samples of that server change nothing but its models. *busy*: what is pending or fires."""
        self.resting.pop(server_id, None)
        if any((server_id, rule.key) in busy for rule in rules.models):
            return
        bounds, models, ends = [], [], _FOREVER
        for rule in rules.models:
            held = self.of((server_id, rule.key), rule.policy)
            if held is None:  # its samples lack the metric so far
                bounds.append((rule, _NO_VALUE))
                continue
            if held.prediction.compared * rule.compares.sign >= rule.floor:
                return
            bounds.append((rule, held.usual))
            models.append((rule.column, rule.policy.metric, held))
            ends = min(ends, moment(held.since + held.unit))
        own = Limits.of(bounds)
        self.resting[server_id] = Resting(rules, ends, rules.limits.and_those_of(own), own, models)


class ModelChanges:
    """The models within one transaction, which may fail: `SeriesModels.apply` takes over the result.

    *at_rest*: samples that change no more than models. *awake*: servers whose models see samples. *owed*: the first
    samples that wait, by their times. *noted*: them as they are stored. *read*: what was just read. *late*: samples
    that came after newer ones. The background evaluates them, but a model that this transaction reads includes them.
    """

    def __init__(self, models: SeriesModels) -> None:
        self._models = models
        self.changed: dict[Key, SeriesModel] = {}
        self.at_rest: list[tuple[Resting, Sample]] = []
        self.owed: dict[Key, datetime] = {}
        self.noted: list[DueEvaluation] = []
        self.read: set[Key] = set()
        self.awake: set[ServerId] = set()
        self.late: dict[ServerId, dict[datetime, Sample]] = {}
        self._begun: dict[Key, tuple[SeriesModel, list[Judged]]] = {}

    def note_late(self, sample: Sample) -> None:
        self.late.setdefault(sample.server_id, {})[sample.recorded_at] = sample

    def begin(self, compared: Iterable[tuple[SampleRule, Sample]], newest: Mapping[ServerId, datetime]) -> None:
        """Read the models that *compared*, in order of time, need: of what is owed, first that which waits longest.

        *newest*: the time of each server's last sample before.
        """
        first = dict[Key, tuple[Policy, Sample]]()
        for rule, sample in compared:
            first.setdefault((sample.server_id, rule.key), (rule.policy, sample))
        owed = self._models.owed
        waiting = [
            (key not in owed, owed[key].since if key in owed else sample.recorded_at, key)
            for key, (policy, sample) in first.items()
            if self._known(key, policy, sample) is None
        ]
        groups, room = dict[tuple[Policy, int, int], list[_Reading]](), EMPTY_AT_ONCE
        for _, _, key in sorted(waiting):
            reading = self._reading(key, *first[key])
            before = newest.get(key[0])
            is_empty = before is None or microseconds(before) < reading.start
            room -= 1 if is_empty else EMPTY_AT_ONCE // READ_AT_ONCE
            if room < 0:  # the rest is owed
                break
            groups.setdefault((first[key][0], reading.start, reading.until), []).append(reading)
        for (policy, start, until), group in groups.items():
            self._read(policy, start, until, group)

    def judged(self, key: Key, policy: Policy, sample: Sample, value: float) -> list[Judged]:
        """Return what is to be judged now: the sample after those that were owed, or nothing if it is owed itself."""
        missed: list[Judged] = []
        model = self.changed.get(key)
        if model is None:
            if key in self._begun:
                model, missed = self._begun[key]
                self.read.add(key)
            elif (held := self._known(key, policy, sample)) is not None:
                model = held.copy()
            else:
                self.owed.setdefault(key, sample.recorded_at)
                return []
            self.changed[key] = model
        was, prediction = model.prediction, model.see(microseconds(sample.recorded_at), value)
        return [*missed, Judged(sample, value, prediction, bool(missed) or prediction is not was)]

    def _known(self, key: Key, policy: Policy, sample: Sample) -> SeriesModel | None:
        """Return the model if it lacks nothing before *sample*."""
        held = None if key[0] in self.late else self._models.of(key, policy)
        if held is None or key not in self._models.doubted or held.stays(microseconds(sample.recorded_at)):
            return held
        return None

    def _reading(self, key: Key, policy: Policy, sample: Sample) -> "_Reading":
        """Return what is to be read of a model before its *sample*."""
        at, owed = microseconds(sample.recorded_at), self._models.owed.get(key)
        owed_from = at if owed is None else min(at, microseconds(owed.since))
        if policy.changed_at is not None:
            owed_from = max(owed_from, min(at, microseconds(policy.changed_at) + 1))
        held = None if key[0] in self.late else self._models.of(key, policy)
        if held is not None and at - held.since <= _FEW * held.unit:
            model, until = held.copy(), max(0, held.since)
            model.begin_again()
            return _Reading(key, sample, model, until, until, owed_from)
        model = new_model(policy)
        return _Reading(key, sample, model, *window_of(model, owed_from), owed_from)

    def _read(self, policy: Policy, start: int, until: int, group: Sequence["_Reading"]) -> None:
        """Let models see what is stored before their samples, and note what was owed of them."""
        stored, metric = self._models.stored, policy.metric
        late = {key[0]: self.late.get(key[0], {}) for key, *_ in group}
        # What this transaction stores cannot be read yet.
        own = {server_id: frame_of([held[at] for at in sorted(held)]) for server_id, held in late.items()}
        if start < until:
            learn(stored, {key[0]: model for key, _, model, *_ in group}, start, until, own)
        end = max(each.sample.recorded_at for each in group)
        frames = stored.frames(own.keys(), [metric, DECLARED], moment(until), end)
        for key, sample, model, _, _, owed_from in group:
            span = until, microseconds(sample.recorded_at)
            frame = merged(frames[key[0]].between(*span), own[key[0]].between(*span))
            missed: list[Judged] = []
            for then, value, declared in zip(frame.times, frame.column(metric), frame.column(DECLARED), strict=True):
                if value is None:
                    continue
                prediction = model.see(then, value)
                if then >= owed_from:
                    earlier = sample._replace(recorded_at=moment(then), interval=declared)
                    missed.append(Judged(earlier, value, prediction))
            self._begun[key] = model, missed


class _Reading(NamedTuple):
    """What is to be read of a model before a sample: its window (microseconds), and all since *until*.

    *start* equals *until* where the window is known. Samples from *owed_from* on are owed.
    """

    key: Key
    sample: Sample
    model: SeriesModel
    start: int
    until: int
    owed_from: int
