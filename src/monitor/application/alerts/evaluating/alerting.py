"""Compare samples with policies, in the transaction of the intake: the next states, and the alerts that change.

Only pending and firing metrics have a state, in memory and in the database: an idle metric costs one comparison a
sample. The result equals that of the engine run on every sample, because an idle state holds only its watermark, which
is the server's newest sample.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluating.evaluator import Evaluator, cancel
from monitor.application.alerts.evaluating.firing import Down, end, fire_down
from monitor.application.alerts.evaluating.sample_rules import SampleRule
from monitor.application.alerts.evaluating.series_models import Key, ModelChanges, Resting
from monitor.application.alerts.evaluating.state_cache import AT_ONCE, Evaluation, StateCache, States
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import Sample, is_on_time
from monitor.domain.policies.policies import OFFLINE, Policy
from monitor.domain.times import moment

_NEVER = moment(0)
_TIME = itemgetter(Sample._fields.index("recorded_at"))


@dataclass(frozen=True, slots=True)
class Alerting:
    """Decide what samples, reports and missing reports change.

    Each method writes into a unit of work, and returns what `states` applies after its commit.
    """

    fleet: Fleet
    stored: StoredHistory
    states: StateCache

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the fleet's lock. After an error all states are read again.

        Raises TransactionConflict if a constraint was violated: something was deleted meanwhile.
        """
        with self.fleet.writing:
            try:
                yield
            except Exception as error:
                self.states.forget()
                if isinstance(error, ConstraintViolated):
                    raise TransactionConflict(str(error)) from error
                raise

    def follow_policies(self, new_uow: Callable[[], UnitOfWork]) -> None:
        """Read all states again if policies changed: that may have ended alerts."""
        if not self.states.is_current:
            with self.fleet.writing, new_uow() as uow:
                self.states.catch_up(uow)

    def evaluate(self, uow: UnitOfWork, samples: Sequence[Sample], now: datetime) -> Evaluation:
        """Write what *samples*, which *uow* has just stored, change. Raises TransactionConflict."""
        self.states.catch_up(uow)
        models = ModelChanges(self.states.models)
        evaluation = Evaluation(models=models)
        if chosen := self._to_evaluate(samples, models):
            evaluator = Evaluator(self.fleet, self.stored, uow, models)
            evaluation.states = self._written(uow, self._evaluated(chosen, now, evaluator))
            evaluator.save_alerts()
        if models.late or models.read or models.owed or self.states.overtaken:
            self._note_due(uow, models, now)
        return evaluation

    def _note_due(self, uow: UnitOfWork, models: ModelChanges, now: datetime) -> None:
        """Store what is to be evaluated anew or still owed, and delete what was owed. Raises TransactionConflict."""
        due, owed, overtaken = uow.due_evaluations, self.states.models.owed, self.states.overtaken
        paid = [owed[key] for key in models.read if key in owed]
        if not due.delete(paid):
            # Another process has evaluated some anew, up to some sample. All is evaluated anew once more.
            overtaken |= {each.server_id: each.since for each in paid}
            raise TransactionConflict("what was owed is evaluated elsewhere")
        rules = self.states.rules
        late = [(server_id, min(times)) for server_id, times in models.late.items() if rules[server_id].are_any]
        late += overtaken.items()
        added = [DueEvaluation(server_id, Cause.LATE, since, now, now) for server_id, since in late]
        added += [
            DueEvaluation(key[0], Cause.OWED, since, now, now, key[1])
            for key, since in models.owed.items()
            if key not in owed
        ]
        models.noted = [each for each in due.add(added) if each.cause is Cause.OWED]

    def _to_evaluate(self, samples: Sequence[Sample], models: ModelChanges) -> list[Sample]:
        """Return the samples of servers that may change more than their models.

        Note in *models* which samples are late, which servers are awake, and which samples only continue a model.
        """
        busy, rules, live, resting = self.states.busy, self.states.rules, self.fleet.live, self.states.models.resting
        at_rest: dict[ServerId, tuple[Resting, Sample]] = {}
        chosen, awake, late = set[ServerId](), models.awake, models.late
        for sample in samples:
            server_id = sample.server_id
            known = live.get(server_id)
            if known is not None and (newest := known.sample) is not None and sample.recorded_at <= newest.recorded_at:
                models.note_late(sample)
                if server_id in at_rest:
                    awake.add(server_id)
                continue
            rests = resting.get(server_id)
            if (
                rests is None
                or rests.rules is not rules[server_id]  # other policies, or another server, have other rules
                or sample.recorded_at >= rests.ends
                or (rests.models and (server_id in at_rest or server_id in late))
            ):
                awake.add(server_id)
            elif server_id not in busy and rests.limits.hold(sample):
                at_rest[server_id] = rests, sample
            elif rests.of_models.hold(sample):
                at_rest[server_id] = rests, sample
                chosen.add(server_id)
            else:
                awake.add(server_id)
        for server_id in awake:
            at_rest.pop(server_id, None)
        models.at_rest = [*at_rest.values()]
        chosen |= awake
        return [sample for sample in samples if sample.server_id in chosen] if chosen else []

    def _evaluated(self, samples: Sequence[Sample], now: datetime, evaluator: Evaluator) -> States:
        """Return the states after *samples*: all of their servers that this transaction stores.

        Of those that are not on time the database is asked for newer ones: another process may have stored some, and
        those are not heard of at once. A sample that is older than one of them is late.
        """
        rules, held, models = self.states.rules, self.states.held, evaluator.models
        servers = {sample.server_id: self.fleet.live.get(sample.server_id) for sample in samples}
        known = {id_: live.sample for id_, live in servers.items() if live is not None and live.sample is not None}
        heard = {server_id: sample.recorded_at for server_id, sample in known.items()}
        newest = {**heard, **self._stored_elsewhere(samples, now, known, evaluator.uow)}
        on_time: list[Sample] = []
        for sample in sorted(samples, key=_TIME):
            if sample.server_id in newest and sample.recorded_at <= newest[sample.server_id]:
                models.note_late(sample)
            else:
                on_time.append(sample)
        edited = {key for key in self.states.edited if key in held}
        awake = [sample for sample in on_time if sample.server_id in models.awake]
        models.begin(self._compared(awake, edited), newest)
        states: States = {}
        for sample in on_time:
            server_id = sample.server_id
            seen, heard[server_id] = heard.get(server_id), sample.recorded_at
            values, of_models, _ = rules[server_id]
            row: Any = sample
            for each in (*values, *of_models) if server_id in models.awake else values:
                watched, column, floor, rule, policy = each
                value = row[column] if column >= 0 else (sample.extra or {}).get(policy.metric)  # as `value_in`
                if value is None:
                    continue
                key = server_id, watched
                before = states.get(key, held.get(key))
                if before is None and value * rule.sign < floor and policy.kind.model is None:
                    continue
                if key not in edited:
                    after = evaluator.evaluate(each, sample, value, before, seen)
                    if before is not None or after is not None:
                        states[key] = after
        if evaluator.store_begun():
            states |= {key: evaluator.with_stored_alert(after) for key, after in states.items() if after is not None}
        return states

    def _stored_elsewhere(
        self, samples: Sequence[Sample], now: datetime, known: Mapping[ServerId, Sample], uow: UnitOfWork
    ) -> dict[ServerId, datetime]:
        """Return the times of servers' newest samples that are newer than those *known*, but for *samples*."""
        doubted = {s.server_id for s in samples if not is_on_time(s, known.get(s.server_id), now)}
        if not doubted:
            return {}
        own = {(sample.server_id, sample.recorded_at) for sample in samples}
        since = {(id_, known[id_].recorded_at if id_ in known else _NEVER) for id_ in doubted}
        return dict(sorted(uow.samples.later(since) - own))

    def _compared(self, samples: Iterable[Sample], edited: Container[Key]) -> Iterator[tuple[SampleRule, Sample]]:
        """Yield the rules of forecasts and ranges that *samples* are compared with, but for those *edited*."""
        for sample in samples:
            for rule in self.states.rules[sample.server_id].models:
                if rule.value_in(sample) is not None and (sample.server_id, rule.key) not in edited:
                    yield rule, sample

    def _written(self, uow: UnitOfWork, states: States) -> States:
        """Write all changed rows at once, and return *states* as they are stored.

        A run that began and ended within the samples needs no row.
        """
        gone: list[StoredState] = []
        changed: list[StoredState] = []
        for key, after in states.items():
            before = self.states.held.get(key)
            if before is None:
                changed += [after] if after is not None else []
            elif after is None:
                gone.append(before)
            else:
                if after.version != before.version:  # it ended, and another began
                    after = states[key] = after._replace(version=before.version)
                changed += [after] if _must_be_written(before, after) else []
        saved = uow.alert_states.save(changed, ended=gone) if gone or changed else ()
        return states | {(stored.server_id, stored.metric): stored for stored in saved}

    def follow_outages(
        self,
        uow: UnitOfWork,
        metric: str,
        now: datetime,
        *,
        down: Mapping[ServerId, Down],
        up: Iterable[ServerId] = (),
        cancelled: Iterable[ServerId] = (),
    ) -> Evaluation:
        """Fire the alerts of *metric* for what is *down*, resolve those of what is *up*, cancel those of the others."""
        self.states.catch_up(uow)
        announcer, held = Announcer(self.fleet, uow, now), self.states.held
        begun = fire_down(announcer, held, metric, down)
        return Evaluation(begun | end(announcer, held, metric, up, cancelled))

    def came_online(self, uow: UnitOfWork, server_ids: Iterable[ServerId], now: datetime) -> States:
        """Resolve the alerts of hosts that report again, and return their states."""
        return end(Announcer(self.fleet, uow, now), self.states.held, OFFLINE, server_ids)

    def begin_anew(self, uow: UnitOfWork, server: Server, now: datetime, note: str) -> Evaluation:
        """Cancel all alerts of *server*, also pending ones, since its samples are about something else from now on."""
        self.states.catch_up(uow)
        announcer, stored = Announcer(self.fleet, uow, now), uow.alert_states.of_servers([server.id])
        for each in stored:
            cancel(announcer, server, each, note)
        uow.alert_states.delete(stored)
        return Evaluation({(each.server_id, each.metric): None for each in stored})

    @property
    def may_reconcile(self) -> bool:
        """True if `reconcile` may have something to do. Needs no lock."""
        return not self.states.is_current or not all(map(self._applies, list(self.states.held.values())))

    def _applies(self, stored: StoredState) -> bool:
        server = self.fleet.directory.watched(stored.server_id)
        if server is None:
            return False
        policy = self.fleet.directory.rules.policies_for(server).get(stored.metric)
        return policy is not None and policy.id == stored.policy_id

    def reconcile(self, uow: UnitOfWork, now: datetime) -> Evaluation:
        """Cancel alerts whose policy no longer applies, at most `AT_ONCE`.

        A policy stops to apply when it is disabled or overridden, or when a tag is removed.
        """
        self.states.catch_up(uow)
        evaluation, announcer = Evaluation(), Announcer(self.fleet, uow, now)
        closed: list[StoredState] = []
        policies = {policy.id: policy for policy in self.fleet.directory.rules.policies.all}
        for key, stored in list(self.states.held.items()):
            server = self.fleet.directory.watched(stored.server_id)
            if server is None:  # deleted, with its alerts
                evaluation.states[key] = None
            elif not self._applies(stored):
                if len(closed) == AT_ONCE:
                    evaluation.is_all = False
                    break
                why = "check paused" if server.paused else _why_closed(stored, policies.get(stored.policy_id))
                cancel(announcer, server, stored, why)
                closed.append(stored)
                evaluation.states[key] = None
        uow.alert_states.delete(closed)
        return evaluation


def _why_closed(stored: StoredState, policy: Policy | None) -> str:
    """Return the note of an alert whose *policy* no longer applies; "" if its host is no longer covered by it."""
    if policy is None:
        return "policy deleted"
    return "" if policy.enabled and policy.key == stored.metric else "policy changed"


def _must_be_written(before: StoredState, after: StoredState) -> bool:
    """Tell whether more than the watermark differs, which is the server's newest sample and needs no writing."""
    was, now = before.state, after.state
    return (was[0], was[2:], before.alert_id, before.policy_id) != (now[0], now[2:], after.alert_id, after.policy_id)
