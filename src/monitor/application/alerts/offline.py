"""Find hosts that stopped reporting."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.firing import Down
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, retried
from monitor.domain.alerts.offline import LONGEST_WAIT, Hearing, is_offline, seconds_without_report
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.intake.intervals import least_gap, longest_silence
from monitor.domain.intake.live import SET_BACK
from monitor.domain.intake.samples import FUTURE_TOLERANCE
from monitor.domain.levels import Level
from monitor.domain.policies.policies import OFFLINE
from monitor.domain.times import moment


@dataclass(slots=True)
class OwnHearing:
    """Whether reports can reach this process.

    *known*: None if it is not measured, as where reports come without a network. *is_ending*: this process stops, and
    no longer listens.
    """

    known: Hearing | None = None
    is_ending: bool = False

    def age(self, now: datetime) -> timedelta | None:
        """Return the time since the last proof; None if it is not measured."""
        known = self.known  # once: another thread replaces it
        return None if known is None else max(timedelta(0), now - known.until)

    def is_failing(self, now: datetime) -> bool:
        """Tell whether the last proof is too old to call hosts offline."""
        age = self.age(now)
        return age is not None and age > LONGEST_WAIT


NewUow = Callable[[], UnitOfWork]
HOSTS_AT_ONCE = 5
"""Hosts marked in one transaction, some 20 ms for which the reports of the others wait."""


@dataclass(slots=True)
class DetectOffline:
    """Mark hosts as offline that no longer report, and fire their alerts. Every process runs it about once a second.

    Only time counts in which this process could receive reports: after its start or its last interruption, and without
    the gaps of its hearing. See decision 9.
    """

    new_uow: NewUow
    fleet: Fleet
    alerting: Alerting
    stored: StoredHistory
    clock: Clock
    offline_after: timedelta
    listening_since: datetime
    hearing: OwnHearing
    learned: dict[ServerId, tuple[datetime, int]] = field(default_factory=dict)
    """By suspect: its last report, and how long it may be silent (microseconds), by the times of its last samples."""
    waiting: Collection[ServerId] = ()
    """Offline hosts that a policy covers, but that have no alert yet."""
    revision: int = -1
    """That of the alert states when *waiting* was last searched for among all hosts."""

    @property
    def _offline_after(self) -> timedelta:
        """Return the preference of the administrators, else the setting of the process."""
        return self.fleet.directory.preferences.offline_after_or(self.offline_after)

    @property
    def _listening_since(self) -> datetime:
        return max(self.listening_since, self.fleet.interrupted_at or self.listening_since)

    def __call__(self) -> set[ServerId]:
        """Return the hosts newly offline. Raises StorageUnavailable; some may be marked already."""
        now, hosts = self.clock.now(), self.fleet.directory.servers
        for server_id in [each for each in self.learned if each not in hosts]:
            del self.learned[server_id]  # the server was deleted
        self._find_waiting()
        suspects = sorted(self._suspects(now, hosts) | self._overdue(now, self.waiting))
        self.fleet.is_searching = bool(suspects)
        try:
            return {server_id for part in chunks(suspects, HOSTS_AT_ONCE) for server_id in self._mark(part)}
        finally:
            self.fleet.is_searching = False

    def _find_waiting(self) -> None:
        """Find offline hosts without an alert: among all hosts after a change, else among those that already wait."""
        self.alerting.follow_policies(self.new_uow)
        revision = self.alerting.states.revision  # before the search: a change during it needs another one
        among = self.waiting if revision == self.revision else self.fleet.directory.servers
        self.waiting = self.alerting.states.without_offline_alert(among)
        self.revision = revision

    @retried
    def _mark(self, server_ids: Collection[ServerId]) -> set[ServerId]:
        now = self.clock.now()  # not that of the search: messages would not wait for the other parts of a long one
        with self.new_uow() as uow:  # before the lock, for which the reports of other hosts wait
            self._learn(uow, self._suspected(server_ids, now), now)
        with self.alerting.writing():
            return self._marked(self._suspected(server_ids, now), now)

    def _marked(self, suspects: Mapping[ServerId, datetime], now: datetime) -> set[ServerId]:
        with self.new_uow() as uow:
            # They may have reported to another process.
            received = uow.samples.last_received(suspects)
            last_reports = {id_: max(seen, received.get(id_, seen)) for id_, seen in suspects.items()}
            last_reports |= self._before_set_back(uow, suspects, last_reports, now)
            self.fleet.record_elsewhere(last_reports, uow.servers.intervals(suspects))
            self._learn(uow, last_reports, now)
            there = uow.servers.existing(last_reports)  # another process may have deleted some
            offline = {id_: at for id_, at in last_reports.items() if id_ in there and self._is_offline(id_, at, now)}
            if offline:
                uow.servers.mark_offline(offline)
            down = {id_: self._down(id_, at, now) for id_, at in offline.items()}
            evaluation = self.alerting.follow_outages(uow, OFFLINE, now, down=down)
            uow.commit()
        newly = {server_id for server_id in offline if self.fleet.live[server_id].status is Status.ONLINE}
        self.fleet.record_offline(newly)
        self.alerting.states.apply(evaluation)
        return newly

    def _suspected(self, server_ids: Collection[ServerId], now: datetime) -> dict[ServerId, datetime]:
        return self._suspects(now, server_ids) | self._overdue(now, server_ids)

    def _suspects(self, now: datetime, server_ids: Iterable[ServerId]) -> dict[ServerId, datetime]:
        """Return online hosts without a recent report to this process, with the time of their last one."""
        suspects, offline_after, live = {}, self._offline_after, self.fleet.live
        for server_id in server_ids:
            held = live.get(server_id)
            if held is None:
                continue
            seen = held.last_report_at or self._listening_since
            if seen - now > SET_BACK:
                seen = self._heard_since(now) or seen
            # The first test is cheap, and enough for most hosts.
            if now - seen > offline_after and held.status is Status.ONLINE and self._is_offline(server_id, seen, now):
                suspects[server_id] = seen
        return suspects

    def _overdue(self, now: datetime, server_ids: Iterable[ServerId]) -> dict[ServerId, datetime]:
        """Return those that need an offline alert, with the time of their last report.

        The database is asked about them as about other suspects, since another process may have heard of them.
        """
        live = self.fleet.live
        last_reports = {id_: live[id_].last_report_at for id_ in self.alerting.states.without_offline_alert(server_ids)}
        return {id_: at for id_, at in last_reports.items() if at is not None and self._is_offline(id_, at, now)}

    def _heard_since(self, now: datetime) -> datetime | None:
        """Return since when this process provably hears reports, by the clock as it is *now*; None if not known."""
        known = self.hearing.known
        return None if known is None or known.until - now > SET_BACK else known.since

    def _before_set_back(
        self,
        uow: UnitOfWork,
        suspects: Mapping[ServerId, datetime],
        last_reports: Mapping[ServerId, datetime],
        now: datetime,
    ) -> dict[ServerId, datetime]:
        """Return when those last reported, or sampled, that have a report of the future: the clock was set back."""
        until = now + SET_BACK
        ahead = [id_ for id_, at in last_reports.items() if at > until and suspects[id_] <= until]
        recent = self.stored.recent_times(uow, ahead, until) if ahead else {}
        found = {id_: max([suspects[id_], *map(moment, times[-1:])]) for id_, times in recent.items()}
        self.fleet.record_set_back(found)
        return found

    def _learn(self, uow: UnitOfWork, last_reports: Mapping[ServerId, datetime], now: datetime) -> None:
        """Look up how often each suspect has reported, which may be less often than its agent declares."""
        news = [id_ for id_, at in last_reports.items() if self.learned.get(id_, (None, 0))[0] != at]
        recent = self.stored.recent_times(uow, news, now + FUTURE_TOLERANCE) if news else {}
        for server_id, times in recent.items():
            if (held := self.fleet.live.get(server_id)) is not None:
                self.learned[server_id] = last_reports[server_id], longest_silence(held.interval, times)

    def _is_offline(self, server_id: ServerId, last_report_at: datetime, now: datetime) -> bool:
        held = self.fleet.live.get(server_id)
        if held is None:
            return False
        learned_at, learned = self.learned.get(server_id, (None, 0))
        since, known = self._listening_since, self.hearing.known  # once: another thread replaces it
        if known is not None:
            since = known.since if since - now > SET_BACK else max(since, known.since)
        return is_offline(
            last_report_at=last_report_at,
            now=now,
            offline_after=self._offline_after,
            longest_silence=max(least_gap(held.interval), learned if learned_at == last_report_at else 0),
            listening_since=since,
            deaf=timedelta(0) if known is None else known.deaf(max(last_report_at, since), now),
        )

    def _down(self, server_id: ServerId, last_report_at: datetime, now: datetime) -> Down:
        """Return it with the last processes, which only memory holds: the alert keeps them after a restart."""
        held = self.fleet.live.get(server_id)
        processes = held.sample.processes if held is not None and held.sample is not None else ()
        return Down(last_report_at, None, seconds_without_report(last_report_at, now), Level.CRITICAL, processes)
