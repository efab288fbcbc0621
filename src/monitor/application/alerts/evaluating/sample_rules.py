"""The rules that samples are compared with, by server."""

from collections.abc import Iterable, Mapping
from math import inf, nextafter
from typing import Any, NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.domain.fleet.servers import ServerId
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
    compares: Rule
    policy: Policy

    def value_in(self, sample: Sample) -> float | None:
        row: Any = sample
        return row[self.column] if self.column >= 0 else (sample.extra or {}).get(self.policy.metric)

    @property
    def idle(self) -> tuple[float, float]:
        """Return the least and the greatest value that keep an idle state idle."""
        last = nextafter(self.floor, -inf)
        return (-inf, last) if self.compares.sign > 0 else (-last, inf)


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

    Servers that the same policies cover share them, until policies change.
    """

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory
        self._made: dict[object, RulesOfServer] = {}

    def follow(self, directory: Directory) -> None:
        if directory.rules.policies is not self._directory.rules.policies:
            self._made = {}
        self._directory = directory
        self.clear()

    def __missing__(self, server_id: ServerId) -> RulesOfServer:
        server, rules = self._directory.watched(server_id), self._directory.rules
        if server is None:
            return _NONE
        alike = rules.group(server)
        if alike not in self._made:
            self._made[alike] = _rules(rules.policies_for(server))
        found = self[server_id] = self._made[alike]
        return found


def _rules(policies: Mapping[WatchKey, Policy]) -> RulesOfServer:
    compared = [policy for key, policy in policies.items() if key not in WITHOUT_SAMPLES]
    rules = [SampleRule(each.key, _COLUMNS.get(each.metric, -1), each.rule.floor, each.rule, each) for each in compared]
    values = tuple(rule for rule in rules if rule.policy.kind.model is None)
    models = tuple(rule for rule in rules if rule.policy.kind.model is not None)
    return RulesOfServer(values, models, Limits.of((rule, rule.idle) for rule in values))
