"""Find missed check-ins, and make alerts follow their state."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.firing import Down
from monitor.application.alerts.evaluating.state_cache import AT_ONCE
from monitor.application.alerts.offline import OwnHearing
from monitor.application.checks.pings import UnstoredPings
from monitor.application.checks.ports import Queries, Schedules, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, retried
from monitor.domain.checks.check_ins import CheckIn, CheckInState
from monitor.domain.checks.missing import Outage, missed_at
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.check_policies import CHECK_IN


@dataclass(slots=True)
class DetectMissed:
    """Every process runs this about twice a second; work done by one process is done for all.

    A ping's transaction changes the check-in only. Alerts follow here, from what is stored: also after a crash in
    between, and when a policy starts or stops to cover a check-in that is down.
    """

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    alerting: Alerting
    schedules: Schedules
    clock: Clock
    listening_since: datetime
    hearing: OwnHearing
    unstored: UnstoredPings

    excused: dict[ServerId, tuple[datetime, datetime]] = field(default_factory=dict)
    """Overdue check-ins that are not missed: when they were due, and when they will be missed. Kept because after an
    outage there may be thousands for a day, and evaluating a schedule is slow."""

    def __call__(self) -> None:
        """Raises StorageUnavailable; some may be marked already."""
        self.fleet.refresh()
        now = self.clock.now()
        overdue = self.queries.check_ins.overdue(now)
        self.excused = {id_: known for id_, known in self.excused.items() if overdue.get(id_) == known[0]}
        doubted = [id_ for id_ in overdue if id_ not in self.excused or self.excused[id_][1] <= now]
        for some in chunks(sorted(doubted)):
            changed = self._judged(self.queries.check_ins.of(some), now)
            self._save([each.id for each in changed], partial(self._judged, now=now))  # one may have come meanwhile
        self._follow(now)

    def _judged(self, check_ins: Iterable[CheckIn], now: datetime) -> list[CheckIn]:
        """Return changed check-ins: missed, or excused for the first time."""
        return [after for each in check_ins if (after := self._after_look(each, now)) != each]

    def _after_look(self, check_in: CheckIn, now: datetime) -> CheckIn:
        if check_in.state is not CheckInState.UP or check_in.due_at is None:
            return check_in
        hearing, grace = self.hearing.known, timedelta(seconds=check_in.grace)
        next_due, unstored = self.schedules.next_due(check_in), self.unstored.last(check_in.ping_key)
        at = missed_at(
            check_in.due_at if unstored is None else max(check_in.due_at, next_due(unstored)),
            grace,
            next_due,
            excused_at=check_in.excused_at or now,
            listening_since=max(self.listening_since, self.fleet.interrupted_at or self.listening_since),
            hearing=hearing,
        )
        self.excused[check_in.id] = check_in.due_at, at
        if at <= (now if hearing is None else min(now, hearing.until)):
            return check_in.missed()
        return check_in.excused(now) if at > check_in.due_at + grace else check_in

    @retried
    def _save(self, ids: Collection[ServerId], change: Callable[[list[CheckIn]], list[CheckIn]]) -> None:
        """Change those that exist, as they are by now."""
        if ids:
            with self.new_uow() as uow:
                uow.check_ins.save(change(uow.check_ins.get_many(ids)))
                uow.commit()

    def _follow(self, now: datetime) -> None:
        """Fire alerts of check-ins that are down, and end the others."""
        if not self.alerting.states.is_current:
            with self.fleet.writing, self.new_uow() as uow:
                self.alerting.states.catch_up(uow)
        down = self.queries.check_ins.down()
        firing = {server_id for server_id, metric in self.alerting.states.firing() if metric == CHECK_IN}
        changed = {each for each in down.keys() - firing if self._is_covered(each)} | (firing - down.keys())
        for some in chunks(sorted(changed), AT_ONCE):
            self._change(some, now)
        # By now their alert fires, or no policy covers them. If the job has succeeded since, the next call ends it.
        for some in chunks(sorted(each for each, is_new_failure in down.items() if is_new_failure)):
            self._save(some, lambda found: [each.followed() for each in found])

    def _is_covered(self, check_in_id: ServerId) -> bool:
        server = self.fleet.directory.watched(check_in_id)
        return server is not None and CHECK_IN in self.fleet.directory.rules.policies_for(server)

    @retried
    def _change(self, ids: Collection[ServerId], now: datetime) -> None:
        with self.alerting.writing():
            self._changed(ids, now)

    def _changed(self, ids: Collection[ServerId], now: datetime) -> None:
        # Not locked, since intake waits for this: the next look follows a ping that comes meanwhile.
        found = self.queries.check_ins.of(ids)
        with self.new_uow() as uow:
            is_down = {each.id: each.state is CheckInState.DOWN or each.failure_is_new for each in found}
            down = {each.id: _down(uow, each) for each in found if is_down[each.id]}
            up = [each.id for each in found if each.state is CheckInState.UP and not is_down[each.id]]
            others = is_down.keys() - down.keys() - {*up}
            evaluation = self.alerting.follow_outages(uow, CHECK_IN, now, down=down, up=up, cancelled=others)
            uow.commit()
        self.alerting.states.apply(evaluation)


def _down(uow: UnitOfWork, check_in: CheckIn) -> Down:
    if check_in.was_missed:
        return Down(check_in.due_at or check_in.created_at, Outage.missed(check_in).note)
    ping = uow.check_ins.last_failure(check_in.id)
    return Down(ping.at if ping is not None else check_in.created_at, Outage.failed(ping).note)
