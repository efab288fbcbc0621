"""What a configuration file holds: policies, silences, teams, channels, rotas and so on, tags, and what depends on
what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import Check
from monitor.domain.errors import Conflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team
from monitor.domain.notifications.channels import Channel
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.oncall.rotas import Rota
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.silences import Silence

Path = tuple[str | int, ...]
"""Where a value stands in a file: keys of mappings and indexes of lists."""


class ConfigurationChanged(Conflict, reason="configuration_changed"):
    """Something changed since the plan that is to be applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Things in id order; an id below 0 is that of one that a file adds. *tags*: of servers that have any.
    *depends_on*: of servers and checks that depend on anything."""

    checks: tuple[Check, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()
    teams: tuple[Team, ...] = ()
    channels: tuple[Channel, ...] = ()
    rotas: tuple[Rota, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    policies: tuple[Policy, ...] = ()
    silences: tuple[Silence, ...] = ()
    tags: Mapping[ServerId, frozenset[str]] = field(default_factory=dict)
    depends_on: Mapping[ServerId, frozenset[ServerId]] = field(default_factory=dict)

    def things(self, section: str) -> tuple[Any, ...]:
        """Return the things of one section."""
        found: tuple[Any, ...] = getattr(self, section)
        return found

    def without_ended(self, now: datetime) -> "Configuration":
        """Return it without silences that no file holds."""
        return replace(self, silences=tuple(each for each in self.silences if is_kept_in_files(each, now)))


def is_kept_in_files(silence: Silence, now: datetime) -> bool:
    """False if it has ended, its recurrence cannot be read here, or it is shorter than a second: files have whole
    seconds.
    """
    return silence.readable and silence.ends_at > max(now, silence.starts_at + timedelta(seconds=1))
