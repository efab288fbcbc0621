"""Let alerts follow the hosts whose clock is wrong, as their reports say. No sample is needed: it may be refused."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.firing import Down
from monitor.application.alerts.evaluating.state_cache import AT_ONCE
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, retried
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.policies import CLOCK, Policy


@dataclass(slots=True)
class FollowClocks:
    """Every process runs it about once a second; what one has done the others find done."""

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    alerting: Alerting
    clock: Clock
    listening_since: datetime
    since: dict[ServerId, tuple[bool, datetime]] = field(default_factory=dict)
    """Whether the clock is wrong, and since when, of those that are or have an alert."""

    def __call__(self) -> None:
        """Raises StorageUnavailable."""
        firing = self.alerting.states.levels_of(CLOCK)
        skews = {id_: abs(skew) for id_, skew in list(self.fleet.clock_skew.items())}
        if not firing and not skews and not self.since:
            return
        self.fleet.refresh()
        self.alerting.follow_policies(self.new_uow)
        now, before = self.clock.now(), self.since
        self.since = {}
        changed = []
        for server_id in sorted(firing.keys() | skews.keys()):
            policy = self._policy(server_id)
            if policy is None or (server_id not in skews and not self._was_heard(server_id)):
                continue  # `reconcile` ends what has no policy any more
            level, fires = _level(policy, skews.get(server_id, 0.0)) or Level.OK, firing.get(server_id, Level.OK)
            is_wrong = level is not Level.OK
            was, at = before.get(server_id, (is_wrong, now))
            self.since[server_id] = is_wrong, (at if was is is_wrong else now)
            lasted = now - self.since[server_id][1]
            needed = policy.sustained_for if is_wrong else policy.clear_for
            if (level > fires or (fires and not is_wrong)) and lasted >= needed:
                changed.append(server_id)
        for some in chunks(changed, AT_ONCE):
            self._change(some, now)

    def _policy(self, server_id: ServerId) -> Policy | None:
        server = self.fleet.directory.servers.get(server_id)
        return None if server is None else self.fleet.directory.rules.policies_for(server).get(CLOCK)

    def _was_heard(self, server_id: ServerId) -> bool:
        """Tell whether this process knows of a report since its start: what it heard of clocks before is forgotten."""
        live = self.fleet.live.get(server_id)
        return live is not None and live.last_report_at is not None and live.last_report_at > self.listening_since

    @retried
    def _change(self, server_ids: Collection[ServerId], now: datetime) -> None:
        down: dict[ServerId, Down] = {}
        for server_id in server_ids:
            is_wrong, since = self.since[server_id]
            policy, skew = self._policy(server_id), float(abs(self.fleet.clock_skew.get(server_id, 0)))
            if is_wrong and policy is not None:
                down[server_id] = Down(since, None, skew, _level(policy, skew))
        up = [server_id for server_id in server_ids if not self.since[server_id][0]]
        with self.alerting.writing():
            with self.new_uow() as uow:
                evaluation = self.alerting.follow_outages(uow, CLOCK, now, down=down, up=up)
                uow.commit()
            self.alerting.states.apply(evaluation)


def _level(policy: Policy, error: float) -> Level | None:
    """Return the level of a clock that is wrong by *error* seconds; None: no alert."""
    limits = ((Level.CRITICAL, policy.critical), (Level.WARNING, policy.warning))
    return next((level for level, limit in limits if limit is not None and error >= limit), None)
