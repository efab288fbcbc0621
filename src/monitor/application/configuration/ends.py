"""Alerts that a file would end: their policy no longer applies, or is no longer breached."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.application.alerts.anew import levels_by
from monitor.application.alerts.ports import AlertFilter
from monitor.application.configuration.current import Current, ReadConfiguration
from monitor.application.history.tiers import StoredHistory
from monitor.application.operations.ports import Queries
from monitor.application.policies.policies import compares_otherwise
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.alerts.alert import Alert, AlertId, AlertState
from monitor.domain.configuration.configuration import Configuration
from monitor.domain.levels import Level
from monitor.domain.policies.policies import WITHOUT_SAMPLES
from monitor.domain.policies.rules import Rules

MOST = 1000
"""Open alerts that are looked at, the newest."""
MOST_FOLDED = 200
"""Those whose samples are evaluated by the changed policy, some 5 ms each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedAlert:
    """*ends* None: more than `MOST_FOLDED` would have to be evaluated to know."""

    id: AlertId
    server_name: str
    metric: str
    level: Level
    ends: bool | None = True


@dataclass(frozen=True, slots=True)
class FindEnds:
    read: ReadConfiguration
    queries: Queries
    stored: StoredHistory

    def __call__(self, actor: Actor, text: str) -> list[EndedAlert]:
        """Say what *text* would end. Raises Forbidden, InvalidInput."""
        current = self.read(actor)
        return self.of(current, self.read.wanted(text, current).configuration)

    def of(self, current: Current, wanted: Configuration) -> list[EndedAlert]:
        """Return the open alerts that would end, or may, the newest first."""
        before, after = current.configuration, wanted
        if (before.policies, before.tags) == (after.policies, after.tags):
            return []
        rules = Rules.of(after.policies, ())
        shown = self.queries.alerts.newest(SYSTEM, AlertFilter(state=AlertState.FIRING, limit=MOST))
        stops = {each.alert.id: self._stops(each.alert, current, rules, after) for each in shown}
        unknown = [each.alert for each in shown if stops[each.alert.id] is None]
        stops |= self._are_over(unknown[:MOST_FOLDED], current, after)
        return [
            EndedAlert(
                id=each.alert.id,
                server_name=each.server_name,
                metric=each.alert.metric,
                level=each.alert.level,
                ends=stops[each.alert.id],
            )
            for each in shown
            if stops[each.alert.id] is not False
        ]

    def _stops(self, alert: Alert, current: Current, rules: Rules, wanted: Configuration) -> bool | None:
        """Tell whether its policy no longer applies; None if that depends on its samples."""
        server = current.directory.watched(alert.server_id)
        if server is None:
            return False
        tags = wanted.tags.get(server.host_id or server.id, frozenset())
        policy = rules.policies_for(replace(server, tags=tags)).get(alert.key)
        if policy is None or policy.id != alert.policy_id:
            return True
        now = current.directory.rules.policies_for(server).get(alert.key)
        is_same = now is not None and not compares_otherwise(now, policy)
        return False if is_same or alert.metric in WITHOUT_SAMPLES else None

    def _are_over(self, alerts: Sequence[Alert], current: Current, wanted: Configuration) -> dict[AlertId, bool | None]:
        levels = levels_by(self.stored, alerts, {policy.id: policy for policy in wanted.policies}, current.at)
        return {alert.id: levels.get(alert.id) is Level.OK for alert in alerts}
