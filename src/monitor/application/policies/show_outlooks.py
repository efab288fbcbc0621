"""What the forecast and range policies of a server see now, or how much they still need to know."""

from dataclasses import dataclass

from monitor.application.alerts.learning import up_to
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.outlooks import Outlook


@dataclass(frozen=True, slots=True)
class ShowOutlooks:
    stored: StoredHistory
    fleet: Fleet

    def __call__(self, actor: Actor, server_id: ServerId) -> list[Outlook]:
        """Return them, as of the newest sample, by metric and kind, also of a check. Raises NotFound."""
        visible = self.fleet.visible_to(actor)
        policies = visible.directory.rules.policies_for(visible.get(server_id))
        wanted = [policies[key] for key in sorted(policies) if policies[key].kind.outlook is not None]
        live = self.fleet.live.get(server_id)
        newest = live.sample.recorded_at if live is not None and live.sample is not None else None
        return [up_to(self.stored, server_id, policy, newest) for policy in wanted]
