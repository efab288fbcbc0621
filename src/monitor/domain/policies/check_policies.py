"""Policies that nobody has to make: those of a new database, and those of checks and check-ins.

A policy for the same metric that covers a check goes before its own.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import timedelta
from typing import Any

from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.intake.samples import FUTURE_TOLERANCE
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.policies import CLOCK, DEFAULT_THRESHOLDS, OFFLINE, Direction, Policy, PolicyId, WatchKey

UP = "up"
"""1 if a run succeeded, else 0."""
CERT_DAYS = "cert_days"
CHECK_IN = "check_in"
BUILT_IN = PolicyId(0)
CERT_WARNING = 14.0
CERT_CRITICAL = 3.0
_AT_ONCE: Any = {"sustained_for": timedelta(0), "clear_margin": 0.0, "clear_for": timedelta(0)}
_HOSTS_ALONE = {*DEFAULT_THRESHOLDS, OFFLINE, CLOCK}
"""Metrics that no check has: its samples hold them only because each row does."""

_CERTIFICATE = Policy(
    metric=CERT_DAYS, warning=CERT_WARNING, critical=CERT_CRITICAL, direction=Direction.BELOW, **_AT_ONCE
)
_MISSED = Policy(metric=CHECK_IN, critical=0.5, **_AT_ONCE)


def built_in(server: Server) -> list[Policy]:
    """Return the policies that every check of this kind has; none for a host."""
    match server.kind:
        case Kind.HOST:
            return []
        case Kind.CHECK:
            return [_down(server), _CERTIFICATE]
        case Kind.CHECK_IN:
            return [_MISSED]


def failing_for(attempts: int, interval: float) -> timedelta:
    """Return how long a check fails until it is down: at the last of *attempts* failures in a row.

    Runs are an interval apart, a little more or less; hence half an interval less than they span.
    """
    return timedelta(seconds=max(0.0, attempts - 1.5) * interval)


def _down(check: Server) -> Policy:
    """Return a policy that fires when the check is down, and clears at the first success."""
    failing = failing_for(check.attempts, check.report_interval or 0.0)
    return Policy(metric=UP, critical=0.5, direction=Direction.BELOW, **_AT_ONCE | {"sustained_for": failing})


def in_order(policies: Iterable[Policy], checks: Container[ServerId]) -> list[Policy]:
    """Return *policies* in order of precedence: of those on one metric, the first that covers a server applies.

    The most specific comes first; of several for tags, the oldest. One for any of *checks* goes before one for a host.
    """
    return sorted(policies, key=lambda each: (-each.scope.rank, each.scope.server_id not in checks, each.id))


def ranked(policies: Iterable[Policy], server: Server) -> dict[WatchKey, list[Policy]]:
    """Return all that cover *server*, by what they watch: the one that applies, then those that it overrides."""
    found: dict[str, list[Policy]] = {}
    for policy in in_order(policies, (server.id,)):
        if policy.scope.covers(server):
            found.setdefault(policy.key, []).append(policy)
    return found


def applicable(policies: Iterable[Policy], server: Server) -> Mapping[WatchKey, Policy]:
    """Return the policies in force on *server* by what they watch, without disabled ones. *policies*: may cover it.

    Nothing is watched while a check is paused.
    """
    if server.paused:
        return {}
    chosen = {key: held[0] for key, held in ranked(policies, server).items()}
    if not server.is_host:
        chosen = {key: policy for key, policy in chosen.items() if policy.metric not in _HOSTS_ALONE}
        chosen = {policy.key: policy for policy in built_in(server)} | chosen
    return {key: policy for key, policy in chosen.items() if policy.enabled}


def default_policies() -> list[Policy]:
    """Return the policies of a new database."""
    thresholds = [Policy(metric=m, warning=w, critical=c) for m, (w, c) in DEFAULT_THRESHOLDS.items()]
    filling = Policy(metric="disk", kind=FORECAST, warning=100.0)
    return [*thresholds, Policy(metric=OFFLINE), filling, clock_policy()]


def clock_policy() -> Policy:
    """Return the policy on wrong clocks. A right one is within a minute."""
    minute, most = timedelta(minutes=1), FUTURE_TOLERANCE.total_seconds()
    return Policy(metric=CLOCK, warning=most, sustained_for=minute, clear_margin=0.0, clear_for=minute)
