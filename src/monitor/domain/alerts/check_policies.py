"""Policies of checks and check-ins that nobody has to make: down, and the end of a certificate.

A policy for the same metric that covers the check goes before them.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from monitor.domain.alerts.policies import (
    CLOCK,
    DEFAULT_THRESHOLDS,
    OFFLINE,
    Direction,
    Policy,
    PolicyId,
    WatchKey,
    ranked,
)
from monitor.domain.fleet.servers import Kind, Server

UP = "up"
"""1 if a run succeeded, else 0."""
CERT_DAYS = "cert_days"
CHECK_IN = "check_in"
BUILT_IN = PolicyId(0)
CERT_WARNING = 14.0
CERT_CRITICAL = 3.0
_AT_ONCE = timedelta(0)
_HOSTS_ALONE = {*DEFAULT_THRESHOLDS, OFFLINE, CLOCK}
"""Metrics that no check has: its samples hold them only because each row does."""

_CERTIFICATE = Policy(
    metric=CERT_DAYS,
    warning=CERT_WARNING,
    critical=CERT_CRITICAL,
    direction=Direction.BELOW,
    sustained_for=_AT_ONCE,
    clear_margin=0.0,
    clear_for=_AT_ONCE,
)
_MISSED = Policy(metric=CHECK_IN, critical=0.5, sustained_for=_AT_ONCE, clear_margin=0.0, clear_for=_AT_ONCE)


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
    return Policy(
        metric=UP,
        critical=0.5,
        direction=Direction.BELOW,
        sustained_for=failing_for(check.attempts, check.report_interval or 0.0),
        clear_margin=0.0,
        clear_for=_AT_ONCE,
    )


def applicable(policies: Iterable[Policy], server: Server) -> Mapping[WatchKey, Policy]:
    """Return the policies in force on *server* by what they watch, without disabled ones. *policies*: may cover it."""
    chosen = {key: held[0] for key, held in ranked(policies, server).items()}
    if not server.is_host:
        chosen = {key: policy for key, policy in chosen.items() if policy.metric not in _HOSTS_ALONE}
        chosen = {policy.key: policy for policy in built_in(server)} | chosen
    return {key: policy for key, policy in chosen.items() if policy.enabled}
