"""Write the screen's copies of what the domain lists: metrics and defaults of policies. A unit test compares them.

It needs them before it asks the server, or with each key that is typed.
"""

import json
import math
from collections.abc import Iterable
from datetime import timedelta

from monitor.domain.intake.metrics import METRICS, Section, bounds
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import CERT_CRITICAL, CERT_DAYS, CERT_WARNING
from monitor.domain.policies.kinds.known import KINDS
from monitor.domain.policies.policies import DEFAULT_CLEAR_FOR, DEFAULT_SUSTAINED_FOR, DEFAULT_THRESHOLDS
from scripts.steps import ROOT

SOURCES = ROOT / "frontend" / "src"
_MADE = "Made by scripts/screen_copies.py from the domain."
_SLOW_ANSWERS = {"ms": (1000.0, 3000.0)}
"""Thresholds with which the form begins for checks, which have no such rule."""


def texts() -> dict[str, str]:
    """Return the text of each file by its path below frontend/src."""
    return {
        "api/metrics.ts": _metrics(),
        "api/metricSections.ts": _metric_sections(),
        "api/policyDefaults.ts": _policy_defaults(),
    }


def _metrics() -> str:
    rows = [
        {
            "name": metric.name,
            "zh-CN": metric.chinese,
            "en": metric.english,
            "unit": metric.unit.value,
            "chart": metric.chart,
            "instances": metric.of_instances,
            **dict(zip(("low", "high"), map(_finite, bounds(metric.name)), strict=True)),
        }
        for metric in METRICS.values()
    ]
    readings = {
        metric.name: {"zh-CN": _of(metric.readings, 0), "en": _of(metric.readings, 1)}
        for metric in METRICS.values()
        if metric.readings is not None
    }
    return (
        f"/** {_MADE} In the order in which they are shown. */\n"
        f"export const METRICS = [\n{_lines(rows)}] as const\n\n"
        "/** What 0 and 1 mean, where a number would say less. */\n"
        f"export const READINGS = {_in_json(readings)} as const\n\n"
        f"/** Metrics that every sample has. */\nexport const COLUMN_METRICS = {_in_json(COLUMN_METRICS)} as const\n"
    )


def _metric_sections() -> str:
    """A file of its own: the first page that is loaded needs the metrics, and no sections."""
    rows = [f"  {each}: {_in_json([m.name for m in METRICS.values() if m.section is each])},\n" for each in Section]
    return (
        f"/** {_MADE} What people look for metrics under, in that order. */\n"
        f"export const METRIC_SECTIONS = {{\n{''.join(rows)}}} as const\n"
    )


def _policy_defaults() -> str:
    thresholds = DEFAULT_THRESHOLDS | {CERT_DAYS: (CERT_WARNING, CERT_CRITICAL)} | _SLOW_ANSWERS
    own = {name: _plain(usual) for kind in KINDS.values() for name, (usual, _, _) in kind.options.items()}
    return (
        f"/** {_MADE} Thresholds: warning and critical. Times in seconds. */\n"
        "export const POLICY_DEFAULTS = {\n"
        f"  thresholds: {_in_json(thresholds)},\n"
        f"  sustained_for: {_in_json(_plain(DEFAULT_SUSTAINED_FOR))},\n"
        f"  clear_for: {_in_json(_plain(DEFAULT_CLEAR_FOR))},\n"
        f"  own: {_in_json(own)},\n"
        "} as const\n"
    )


def _plain(usual: object) -> object:
    """Return a default as the API writes it."""
    match usual:
        case timedelta():
            return usual.total_seconds()
        case Level():
            return usual.name.lower()
    return usual


def _of(readings: tuple[tuple[str, str], tuple[str, str]], language: int) -> list[str]:
    return [reading[language] for reading in readings]


def _finite(limit: float) -> float | None:
    """JSON has no infinity."""
    return limit if math.isfinite(limit) else None


def _lines(rows: Iterable[object]) -> str:
    """Return the elements of an array, one a line."""
    return "".join(f"  {_in_json(row)},\n" for row in rows)


def _in_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    for path, text in texts().items():
        (SOURCES / path).write_text(text)
