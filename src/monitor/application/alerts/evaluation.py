"""Compare samples with policies, in the transaction of the intake: the next states, and the alerts that change.

Only pending and firing metrics have a state, in memory and in the database: an idle metric costs one comparison a
sample. The result equals that of the engine run on every sample, because an idle state holds only its watermark, which
is the server's newest sample.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from monitor.application.alerts import outages
from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluator import Evaluator, cancel
from monitor.application.alerts.outages import fire_offline, resolve_offline
from monitor.application.alerts.outlooks import Following, Key, Resting
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.alerts.state_cache import AT_ONCE, Evaluation, StateCache
from monitor.application.alerts.watches import Watch
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.errors import TransactionConflict
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import Sample, is_on_time
from monitor.domain.policies.policies import Policy
from monitor.domain.times import moment

_NEVER = moment(0)


_TIME = itemgetter(Sample._fields.index("recorded_at"))


class Alerting(StateCache):
    """Decide what samples, reports and missing reports change.

    Each method writes into a unit of work, and returns or fills the `Evaluation` to apply after its commit.
    """

    def evaluate(self, uow: UnitOfWork, samples: Sequence[Sample], now: datetime) -> Evaluation:
        """Write what *samples*, which *uow* has just stored, change. Raises TransactionConflict."""
        self.catch_up(uow)
        evaluation = Evaluation(following=(following := Following(self._outlooks)))
        if acting := self._acting(samples, following):
            evaluator = Evaluator(self._fleet, self._stored, uow, evaluation.peaks, evaluation.expected, following)
            self._evaluate(acting, now, evaluator, evaluation)
        self._write(uow, evaluation)
        if following.late or following.read or following.owed or self._overtaken:
            self._note_due(uow, following, now)
        return evaluation

    def _note_due(self, uow: UnitOfWork, following: Following, now: datetime) -> None:
        """Store what is to be evaluated anew or still owed, and delete what was owed. Raises TransactionConflict."""
        due, owed = uow.due_evaluations, self._outlooks.owed
        paid = [owed[key] for key in following.read if key in owed]
        if not due.delete(paid):
            # Another process has evaluated some anew, up to some sample. All is evaluated anew once more.
            self._overtaken |= {each.server_id: each.since for each in paid}
            raise TransactionConflict("what was owed is evaluated elsewhere")
        late = [(server_id, min(times)) for server_id, times in following.late.items() if any(self._watches[server_id])]
        late += self._overtaken.items()
        added = [DueEvaluation(server_id, Cause.LATE, since, now, now) for server_id, since in late]
        added += [
            DueEvaluation(key[0], Cause.OWED, since, now, now, key[1])
            for key, since in following.owed.items()
            if key not in owed
        ]
        following.noted = [each for each in due.add(added) if each.cause is Cause.OWED]

    def _acting(self, samples: Sequence[Sample], following: Following) -> list[Sample]:
        """Return all samples of servers of which one, that is not late, concerns a state or may begin one.

        Of the others, note in *following* late samples. Of all, note there whose outlooks must see the samples, and
        which samples only continue what outlooks know.
        """
        cached, watches_of, live = self._states, self._watches, self._fleet.live
        acting: set[ServerId] = set()
        at_rest: dict[ServerId, tuple[Resting, Sample]] = {}
        resting, late, looked = self._outlooks.resting, following.late, following.looked
        for sample in samples:
            server_id = sample.server_id
            if server_id in looked:
                continue
            known = live.get(server_id)
            if known is not None and known.sample is not None and sample.recorded_at <= known.sample.recorded_at:
                following.note_late(sample)
                if server_id in at_rest:
                    looked.add(server_id)
                continue
            row: Any = sample
            watches = watches_of[server_id]
            for key, column, floor, rule, _ in watches.values:
                value = row[column] if column >= 0 else (sample.extra or {}).get(key)
                if value is not None and (value * rule.sign >= floor or (server_id, key) in cached):
                    acting.add(server_id)
                    break
            if watches.outlooks:
                rests = resting.get(server_id)
                # By identity: other policies, or another server, have other watches.
                is_idle = rests is not None and rests.watches is watches.outlooks and rests.holds(sample)
                if rests is None or not is_idle or server_id in at_rest or server_id in late:
                    looked.add(server_id)
                else:
                    at_rest[server_id] = rests, sample
        following.at_rest = [rests for server_id, rests in at_rest.items() if server_id not in looked]
        acting |= looked
        return [sample for sample in samples if sample.server_id in acting] if acting else []

    def _newest_heard(self, server_ids: Iterable[ServerId]) -> dict[ServerId, Sample]:
        """Return the newest sample of each server that this process knows of."""
        live = self._fleet.live
        known = ((server_id, live[server_id].sample) for server_id in server_ids if server_id in live)
        return {server_id: sample for server_id, sample in known if sample is not None}

    def _evaluate(self, samples: Sequence[Sample], now: datetime, evaluator: Evaluator, evaluation: Evaluation) -> None:
        """Fill *evaluation* with the states after *samples*: all of their servers that this transaction stores.

        Of those that are not on time the database is asked for newer ones: another process may have stored some, and
        those are not heard of at once. A sample that is older than one of them is late.
        """
        states = evaluation.states
        known = self._newest_heard({sample.server_id for sample in samples})
        heard = {server_id: sample.recorded_at for server_id, sample in known.items()}
        newest = {**heard, **self._stored_elsewhere(samples, now, known, evaluator.uow)}
        looked = evaluator.following.looked
        on_time: list[Sample] = []
        for sample in sorted(samples, key=_TIME):
            if sample.server_id in newest and sample.recorded_at <= newest[sample.server_id]:
                evaluator.following.note_late(sample)
            else:
                on_time.append(sample)
        edited = {key for key in self._edited if key in self._states}
        looking = [sample for sample in on_time if sample.server_id in looked]
        evaluator.following.begin(self._looked_at(looking, edited), newest)
        for sample in on_time:
            server_id = sample.server_id
            seen, heard[server_id] = heard.get(server_id), sample.recorded_at
            values, outlooks = self._watches[server_id]
            row: Any = sample
            for watch in (*values, *outlooks) if server_id in looked else values:
                watched, column, floor, rule, policy = watch
                value = row[column] if column >= 0 else (sample.extra or {}).get(policy.metric)  # as `value_in`
                key = server_id, watched
                if value is None or key in edited:
                    continue
                held = states[key] if key in states else self._states.get(key)
                if held is not None or policy.kind.outlook is not None or value * rule.sign >= floor:
                    after = evaluator.evaluate(watch, sample, value, held, seen)
                    if held is not None or after is not None:
                        states[key] = after
        if evaluator.store_begun():
            states |= {key: evaluator.with_stored_alert(after) for key, after in states.items() if after is not None}

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

    def _looked_at(self, samples: Iterable[Sample], edited: Container[Key]) -> Iterator[tuple[Watch, Sample]]:
        """Yield the forecasts and ranges that *samples* are compared with, but for those that are *edited*."""
        for sample in samples:
            for watch in self._watches[sample.server_id].outlooks:
                if watch.value_in(sample) is not None and (sample.server_id, watch.key) not in edited:
                    yield watch, sample

    def _write(self, uow: UnitOfWork, evaluation: Evaluation) -> None:
        """Write all changed rows at once. A run that began and ended within the samples needs none."""
        gone: list[StoredState] = []
        changed: list[StoredState] = []
        for key, after in evaluation.states.items():
            before = self._states.get(key)
            if before is None:
                changed += [after] if after is not None else []
            elif after is None:
                gone.append(before)
            else:
                if after.version != before.version:  # it ended, and another began
                    after = evaluation.states[key] = after._replace(version=before.version)
                changed += [after] if _must_be_written(before, after) else []
        if gone or changed:
            saved = uow.alert_states.save(changed, ended=gone)
            evaluation.states |= {(stored.server_id, stored.metric): stored for stored in saved}
        if evaluation.peaks:
            uow.alerts.save_peaks(evaluation.peaks)
        if evaluation.expected:
            uow.alerts.save_expected(evaluation.expected)

    def went_offline(self, uow: UnitOfWork, last_reports: Mapping[ServerId, datetime], now: datetime) -> Evaluation:
        """Fire the alerts of hosts that are offline, where a policy covers them and none is open."""
        self.catch_up(uow)
        evaluation = Evaluation()
        fire_offline(Announcer(self._fleet, uow, now), self._states, last_reports, evaluation)
        return evaluation

    def came_online(
        self, uow: UnitOfWork, server_ids: Iterable[ServerId], now: datetime, evaluation: Evaluation
    ) -> None:
        """Resolve the alerts of hosts that report again."""
        resolve_offline(Announcer(self._fleet, uow, now), self._states, server_ids, evaluation)

    def follow_outages(
        self,
        uow: UnitOfWork,
        metric: str,
        now: datetime,
        *,
        down: Mapping[ServerId, outages.Down],
        up: Iterable[ServerId],
        cancelled: Iterable[ServerId],
    ) -> Evaluation:
        """Fire the alerts of *metric* for what is *down*, resolve those of what is *up*, cancel those of the others."""
        self.catch_up(uow)
        evaluation, announcer = Evaluation(), Announcer(self._fleet, uow, now)
        outages.fire(announcer, self._states, metric, down, evaluation)
        outages.end(announcer, self._states, metric, up, cancelled, evaluation)
        return evaluation

    def begin_anew(self, uow: UnitOfWork, server: Server, now: datetime, note: str) -> Evaluation:
        """Cancel all alerts of *server*, also pending ones, since its samples are about something else from now on."""
        self.catch_up(uow)
        evaluation, announcer = Evaluation(), Announcer(self._fleet, uow, now)
        stored = uow.alert_states.of_servers([server.id])
        for each in stored:
            cancel(announcer, server, each, note)
            evaluation.states[each.server_id, each.metric] = None
        uow.alert_states.delete(stored)
        return evaluation

    @property
    def may_reconcile(self) -> bool:
        """True if `reconcile` may have something to do. Needs no lock."""
        return not self.is_current or not all(map(self._applies, list(self._states.values())))

    def _applies(self, stored: StoredState) -> bool:
        server = self._fleet.directory.watched(stored.server_id)
        if server is None:
            return False
        policy = self._fleet.directory.rules.policies_for(server).get(stored.metric)
        return policy is not None and policy.id == stored.policy_id

    def reconcile(self, uow: UnitOfWork, now: datetime) -> Evaluation:
        """Cancel alerts whose policy no longer applies, at most `AT_ONCE`.

        A policy stops to apply when it is disabled or overridden, or when a tag is removed.
        """
        self.catch_up(uow)
        evaluation, announcer = Evaluation(), Announcer(self._fleet, uow, now)
        closed: list[StoredState] = []
        policies = {policy.id: policy for policy in self._fleet.directory.rules.policies.all}
        for key, stored in list(self._states.items()):
            server = self._fleet.directory.watched(stored.server_id)
            if server is None:  # deleted, with its alerts
                evaluation.states[key] = None
            elif not self._applies(stored):
                if len(closed) == AT_ONCE:
                    evaluation.is_all = False
                    break
                cancel(announcer, server, stored, _why_closed(stored, policies.get(stored.policy_id)))
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
