"""Which rules watch which server."""

from typing import NamedTuple

from monitor.application.directory import Directory
from monitor.domain.alert_engine import Rule, rule_of
from monitor.domain.policies import OFFLINE, Policy
from monitor.domain.samples import COLUMN_METRICS, Sample
from monitor.domain.servers import Server, ServerId

_COLUMNS = {name: Sample._fields.index(name) for name in COLUMN_METRICS}


class Watch(NamedTuple):
    """A rule on one metric of one server. *column* is its place in a sample, -1 for one of `extra`. *floor* is the
    rule's, worked out once."""

    metric: str
    column: int
    floor: float
    rule: Rule
    policy: Policy


class Watches:
    """Those of one *directory*, each server's made when they are first asked for."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made: dict[ServerId, tuple[Watch, ...]] = {}
        self._of_policies: dict[Policy, Watch] = {}

    def of(self, server_id: ServerId) -> tuple[Watch, ...]:
        made = self._made.get(server_id)
        if made is None:
            server = self._directory.servers.get(server_id)
            made = self._made[server_id] = self._make(server) if server is not None else ()
        return made

    def _make(self, server: Server) -> tuple[Watch, ...]:
        policies = self._directory.policies_for(server)
        return tuple(self._watch(policy) for metric, policy in policies.items() if metric != OFFLINE)

    def _watch(self, policy: Policy) -> Watch:
        """One for all servers that the policy is for."""
        watch = self._of_policies.get(policy)
        if watch is None:
            rule = rule_of(policy)
            column = _COLUMNS.get(policy.metric, -1)
            watch = self._of_policies[policy] = Watch(policy.metric, column, rule.floor, rule, policy)
        return watch
