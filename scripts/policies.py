"""Write what the screen repeats of the policies' rules: defaults, and cases that its tests answer as the domain does.

The policy form shows a default margin while thresholds are typed, and the list of policies says for how many of ten
thousand servers each one applies: the screen computes both itself. A unit test compares the files with the domain.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product

from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.check_policies import ranked
from monitor.domain.policies.comparing import default_clear_margin
from monitor.domain.policies.kinds.forecast import DEFAULT_OVER, DEFAULT_WITHIN
from monitor.domain.policies.kinds.range import DEFAULT_BEYOND, DEFAULT_DAYS
from monitor.domain.policies.policies import (
    DEFAULT_CLEAR_FOR,
    DEFAULT_SUSTAINED_FOR,
    DEFAULT_THRESHOLDS,
    Policy,
    PolicyId,
    Scope,
)
from scripts.screen_copies import in_json, lines, write

METRICS = ("cpu", "disk:/var", "load1", "net_rx", "temperature", "queue")
THRESHOLDS = (
    (70, 85),
    (None, 95),
    (5.01, None),
    (5, 50),
    (0, 50),
    (98, 99),
    (0.1, 0.4),
    (1, 100),
    (2e6, None),
    (-10, 30),
    (-10, None),
    (0, None),
    (101, None),
)
SCOPES = (
    Scope(),
    Scope(tag="web"),
    Scope(server_id=ServerId(40)),
    Scope(tag="db"),
    Scope(server_id=ServerId(20)),
    Scope(tag="db"),
)
TAGS = {10: [], 20: ["web", "db"], 30: ["web"], 40: ["db"], 50: ["db", "web", "eu"], 60: ["eu"]}


def texts() -> dict[str, str]:
    """The text of each file by its path below frontend/src."""
    return {"api/policyDefaults.ts": _defaults(), "testing/policyCases.ts": _cases()}


def _defaults() -> str:
    values = {
        "thresholds": DEFAULT_THRESHOLDS,
        "sustained_for": DEFAULT_SUSTAINED_FOR.total_seconds(),
        "clear_for": DEFAULT_CLEAR_FOR.total_seconds(),
        "over": DEFAULT_OVER.total_seconds(),
        "within": DEFAULT_WITHIN.total_seconds(),
        "days": DEFAULT_DAYS,
        "beyond": DEFAULT_BEYOND,
    }
    entries = "".join(f"  {name}: {in_json(value)},\n" for name, value in values.items())
    return (
        "/** Made by scripts/policies.py from the domain. Thresholds: warning and critical. Times in seconds. */\n"
        f"export const POLICY_DEFAULTS = {{\n{entries}}}\n"
    )


def _cases() -> str:
    policies = [Policy(metric="cpu", critical=85, scope=scope, id=PolicyId(n)) for n, scope in enumerate(SCOPES, 1)]
    return (
        "/** Made by scripts/policies.py from the domain. */\n\n"
        "/** Metric, warning, critical, direction, and the margin by default. */\n"
        f"export const MARGINS = [\n{lines(_margins())}] as const\n\n"
        "/** Policies on one metric. */\n"
        f"export const POLICIES = [\n{lines({'id': each.id, 'scope': _scope(each.scope)} for each in policies)}]\n\n"
        "/** The *policies* that cover each server, the one that applies first. */\n"
        f"export const SERVERS = [\n{lines(_ranked(policies))}]\n"
    )


def _margins() -> Iterable[object]:
    for metric, (low, high), above in product(METRICS, THRESHOLDS, (True, False)):
        warning, critical = (low, high) if above or high is None or low is None else (high, low)
        given = [float(value) for value in (warning, critical) if value is not None]
        yield metric, warning, critical, "above" if above else "below", default_clear_margin(metric, given, above=above)


def _ranked(policies: list[Policy]) -> Iterable[object]:
    for server_id, tags in TAGS.items():
        server = Server(
            name=f"host-{server_id}",
            ip_address=f"192.0.2.{server_id}",
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            id=ServerId(server_id),
            tags=frozenset(tags),
        )
        yield {"id": server_id, "tags": tags, "policies": [policy.id for policy in ranked(policies, server)["cpu"]]}


def _scope(scope: Scope) -> dict[str, object]:
    """As the API writes it: without what is not set."""
    return {name: value for name in ("server_id", "tag") if (value := getattr(scope, name)) is not None}


if __name__ == "__main__":
    write(texts())
