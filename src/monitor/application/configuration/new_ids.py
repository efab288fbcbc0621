"""Things of a file that are new, or refer to new ones, with other ids than those below 0 that reading gave them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from monitor.domain.fleet.teams import Team
from monitor.domain.notifications.channels import Channel, ChannelScope
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.policies.silences import Silence


def referring(thing: Any, id_of: Callable[[Any], Any]) -> Any:
    """Return *thing* with the ids of others that it names replaced by *id_of*. Its own stays."""
    changed: dict[str, Any] = {}
    if isinstance(thing, Policy | Silence) and thing.scope.server_id is not None:
        changed["scope"] = Scope(server_id=id_of(thing.scope.server_id))
    if isinstance(thing, Policy | Team) and thing.escalation_id is not None:
        changed["escalation_id"] = id_of(thing.escalation_id)
    if isinstance(thing, Channel):
        changed["scope"] = _scope(thing.scope, id_of)
    if isinstance(thing, Escalation):
        steps = (replace(step, to=tuple(each._replace(id=id_of(each.id)) for each in step.to)) for step in thing.steps)
        changed["steps"] = tuple(steps)
    return replace(thing, **changed) if changed else thing


def _scope(scope: ChannelScope, id_of: Callable[[Any], Any]) -> ChannelScope:
    team_id = None if scope.team_id is None else id_of(scope.team_id)
    return replace(scope, team_id=team_id, check_ids=frozenset(map(id_of, scope.check_ids)))
