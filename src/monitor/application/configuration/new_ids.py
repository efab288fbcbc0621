"""Things of a file that refer to new ones, with the ids that the store has given to these."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from monitor.domain.configuration.sections import CHANNELS, ESCALATIONS, POLICIES, SILENCES, Section
from monitor.domain.notifications.channels import ChannelScope
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.policies.policies import Scope


def with_ids(section: Section, thing: Any, ids: Mapping[int, int]) -> Any:
    """*ids*: the ids of new things in the file, below 0, and in the store."""
    if section in (POLICIES, SILENCES) and thing.scope.server_id in ids:
        thing = replace(thing, scope=Scope(server_id=ids[thing.scope.server_id]))  # type: ignore[arg-type]
    if section is POLICIES:
        return replace(thing, escalation_id=ids.get(thing.escalation_id, thing.escalation_id))
    if section is CHANNELS:
        return replace(thing, scope=_scope(thing.scope, ids))
    return _escalation(thing, ids) if section is ESCALATIONS else thing


def _scope(scope: ChannelScope, ids: Mapping[int, int]) -> Any:
    check_ids: Any = frozenset(ids.get(each, each) for each in scope.check_ids)
    team_id: Any = None if scope.team_id is None else ids.get(scope.team_id, scope.team_id)
    return replace(scope, team_id=team_id, check_ids=check_ids)


def _escalation(escalation: Escalation, ids: Mapping[int, int]) -> Escalation:
    steps = (
        replace(step, to=tuple(each._replace(id=ids.get(each.id, each.id)) for each in step.to))
        for step in escalation.steps
    )
    return replace(escalation, steps=tuple(steps))
