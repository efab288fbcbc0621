"""Suggest dependencies from the outages of the last 90 days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.ports import FiredAlert, Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet, VisibleIds
from monitor.application.hindsight.noise import pages_of
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, Verdict
from monitor.domain.fleet.servers import Kind
from monitor.domain.incidents.incidents import DOWN
from monitor.domain.incidents.suggestions import LASTS, Outage, Suggestion, suggested
from monitor.domain.times import microseconds

LOOKED_BACK = timedelta(days=90)
"""Notifications are kept for as long."""
MOST_OUTAGES = 20_000
MOST_SUGGESTED = 200


def outages(queries: Queries, of: VisibleIds, start: datetime, end: datetime) -> list[FiredAlert]:
    """Return the alerts that something was down, fired from *start* to *end*, oldest first."""
    found = [each for metric in DOWN for each in queries.alerts.fired(of, metric, start, end)]
    return sorted(found, key=lambda each: (each.fired_at, each.id))


def outage_of(alert: FiredAlert | Alert, pages: int) -> Outage:
    ended_at = alert.resolved_at if isinstance(alert, Alert) else alert.ended_at
    return Outage(
        server_id=alert.server_id,
        began_at=microseconds(alert.started_at),
        until=LASTS if ended_at is None else microseconds(ended_at),
        pages=pages,
        is_useful=alert.verdict is Verdict.USEFUL,
    )


@dataclass(frozen=True, slots=True)
class SuggestDependencies:
    queries: Queries
    fleet: Fleet
    clock: Clock

    def __call__(self, actor: Actor) -> list[Suggestion]:
        """Return dependencies of what *actor* may change on what they see, the most useful first."""
        visible = self.fleet.visible_to(actor)
        known = {each.id: each.depends_on for each in visible.all if each.depends_on}
        hosts = {each.id: each.host_id for each in visible.checks if each.host_id is not None}
        may_change = {each.id for each in visible.all if each.is_changeable_by(actor)}
        found = suggested(self._outages(visible), known, hosts)
        return [each for each in found if each.child in may_change][:MOST_SUGGESTED]

    def _outages(self, visible: VisibleFleet) -> Collection[Outage]:
        now, of = self.clock.now(), visible.ids()
        start = now - LOOKED_BACK
        pages = {
            alert_id: len(sent)
            for metric in DOWN
            for alert_id, sent in pages_of(self.queries.notifications.sendings(of, metric, start, now)).items()
        }
        return [
            outage_of(each, pages.get(each.id, 0))
            for each in outages(self.queries, of, start, now)[-MOST_OUTAGES:]
            if (watched := visible.find(each.server_id)) is not None and watched.kind is not Kind.CHECK_IN
        ]
