"""The rules that samples are compared with, by server."""

from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import COLUMN_METRICS, Sample
from monitor.domain.policies.comparing import Rule
from monitor.domain.policies.policies import WITHOUT_SAMPLES, Policy, WatchKey

_COLUMNS = {name: Sample._fields.index(name) for name in COLUMN_METRICS}


class Watch(NamedTuple):
    """Rule on one metric of one server.

    *key*: what the policy watches. *column*: the metric's place in a sample, -1 if it is in `extra`. *floor*: the
    rule's floor, calculated once.
    """

    key: WatchKey
    column: int
    floor: float
    rule: Rule
    policy: Policy

    def value_in(self, sample: Sample) -> float | None:
        return sample.metric(self.policy.metric)


class WatchesOfServer(NamedTuple):
    """*values*: those that compare values alone. *outlooks*: those of forecasts and ranges."""

    values: tuple[Watch, ...] = ()
    outlooks: tuple[Watch, ...] = ()


_NONE = WatchesOfServer()


class Watches(dict[ServerId, WatchesOfServer]):
    """The rules of each server, by its id: looked up at the first use after a change of the fleet's directory.

    They are made anew only if the server or the policies have changed.
    """

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory
        self._made: dict[ServerId, tuple[Server, WatchesOfServer]] = {}
        self._of_policies: dict[Policy, Watch] = {}

    def follow(self, directory: Directory) -> None:
        same = directory.rules.policies is self._directory.rules.policies
        self._directory = directory
        self.clear()
        if not same:
            self._of_policies = {}
        if not same or len(self._made) > len(directory.servers) + len(directory.checks):  # some are deleted
            self._made = {}

    def __missing__(self, server_id: ServerId) -> WatchesOfServer:
        server = self._directory.watched(server_id)
        if server is None:
            return _NONE
        made = self._made.get(server_id)
        if made is None or made[0] is not server:
            made = self._made[server_id] = server, self._make(server)
        self[server_id] = made[1]
        return made[1]

    def _make(self, server: Server) -> WatchesOfServer:
        policies = self._directory.rules.policies_for(server).items()
        watches = [self._watch(policy) for key, policy in policies if key not in WITHOUT_SAMPLES]
        values = tuple(watch for watch in watches if watch.policy.kind.outlook is None)
        return WatchesOfServer(values, tuple(watch for watch in watches if watch.policy.kind.outlook is not None))

    def _watch(self, policy: Policy) -> Watch:
        """Return one watch for all servers that the policy covers."""
        watch = self._of_policies.get(policy)
        if watch is None:
            rule = policy.rule
            column = _COLUMNS.get(policy.metric, -1)
            watch = self._of_policies[policy] = Watch(policy.key, column, rule.floor, rule, policy)
        return watch
