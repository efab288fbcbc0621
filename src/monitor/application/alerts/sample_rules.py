"""The rules that samples are compared with, by server."""

from collections.abc import Iterable
from math import inf, nextafter
from typing import Any, NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import COLUMN_METRICS, Sample
from monitor.domain.policies.comparing import Rule
from monitor.domain.policies.policies import WITHOUT_SAMPLES, Policy, WatchKey

_COLUMNS = {name: Sample._fields.index(name) for name in COLUMN_METRICS}


class SampleRule(NamedTuple):
    """Rule on one metric.

    *key*: what the policy watches. *column*: the metric's place in a sample, -1 if it is in `extra`. *floor*: the
    rule's floor, calculated once.
    """

    key: WatchKey
    column: int
    floor: float
    rule: Rule
    policy: Policy

    def value_in(self, sample: Sample) -> float | None:
        row: Any = sample
        return row[self.column] if self.column >= 0 else (sample.extra or {}).get(self.policy.metric)

    @property
    def idle(self) -> tuple[float, float]:
        """Return the least and the greatest value that keep an idle state idle."""
        last = nextafter(self.floor, -inf)
        return (-inf, last) if self.rule.sign > 0 else (-last, inf)


class Limits(NamedTuple):
    """The least and the greatest value of metrics, by their place in a sample or by their name in its `extra`."""

    columns: tuple[tuple[int, float, float], ...] = ()
    extra: tuple[tuple[str, float, float], ...] = ()

    @staticmethod
    def of(bounds: Iterable[tuple[SampleRule, tuple[float, float]]]) -> "Limits":
        given = [(rule, low, high) for rule, (low, high) in bounds if (low, high) != (-inf, inf)]
        return Limits(
            tuple((rule.column, low, high) for rule, low, high in given if rule.column >= 0),
            tuple((rule.policy.metric, low, high) for rule, low, high in given if rule.column < 0),
        )

    def and_those_of(self, other: "Limits") -> "Limits":
        return Limits(self.columns + other.columns, self.extra + other.extra) if any(other) else self

    def hold(self, sample: Sample) -> bool:
        """Tell whether all of these values of *sample* are within their limits."""
        row: Any = sample
        for column, low, high in self.columns:
            if not low <= row[column] <= high:
                return False
        if self.extra and sample.extra:
            for metric, low, high in self.extra:
                value = sample.extra.get(metric)
                if value is not None and not low <= value <= high:
                    return False
        return True


class RulesOfServer(NamedTuple):
    """*values*: rules that compare values alone, with their *limits*. *models*: those of forecasts and ranges."""

    values: tuple[SampleRule, ...] = ()
    models: tuple[SampleRule, ...] = ()
    limits: Limits = Limits()

    @property
    def are_any(self) -> bool:
        return bool(self.values or self.models)


_NONE = RulesOfServer()


class RulesByServer(dict[ServerId, RulesOfServer]):
    """The rules of each server, by its id: looked up at the first use after a change of the fleet's directory.

    They are made anew only if the server or the policies have changed.
    """

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory
        self._made: dict[ServerId, tuple[Server, RulesOfServer]] = {}
        self._of_policies: dict[Policy, SampleRule] = {}

    def follow(self, directory: Directory) -> None:
        same = directory.rules.policies is self._directory.rules.policies
        self._directory = directory
        self.clear()
        if not same:
            self._of_policies = {}
        if not same or len(self._made) > len(directory.servers) + len(directory.checks):  # some are deleted
            self._made = {}

    def __missing__(self, server_id: ServerId) -> RulesOfServer:
        server = self._directory.watched(server_id)
        if server is None:
            return _NONE
        made = self._made.get(server_id)
        if made is None or made[0] is not server:
            made = self._made[server_id] = server, self._make(server)
        self[server_id] = made[1]
        return made[1]

    def _make(self, server: Server) -> RulesOfServer:
        policies = self._directory.rules.policies_for(server).items()
        rules = [self._rule(policy) for key, policy in policies if key not in WITHOUT_SAMPLES]
        values = tuple(rule for rule in rules if rule.policy.kind.model is None)
        models = tuple(rule for rule in rules if rule.policy.kind.model is not None)
        return RulesOfServer(values, models, Limits.of((rule, rule.idle) for rule in values))

    def _rule(self, policy: Policy) -> SampleRule:
        """Return one rule for all servers that the policy covers."""
        made = self._of_policies.get(policy)
        if made is None:
            rule = policy.rule
            column = _COLUMNS.get(policy.metric, -1)
            made = self._of_policies[policy] = SampleRule(policy.key, column, rule.floor, rule, policy)
        return made
