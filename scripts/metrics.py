"""Write the screen's copy of the metrics to frontend/src/api/metrics.ts. A unit test compares it."""

import math

from monitor.domain.intake.metrics import METRICS, Section, bounds
from monitor.domain.intake.samples import COLUMN_METRICS
from scripts.screen_copies import in_json, lines, write


def texts() -> dict[str, str]:
    """The text of the file by its path below frontend/src."""
    rows = [
        {
            "name": metric.name,
            "zh-CN": metric.chinese,
            "en": metric.english,
            "section": metric.section.value,
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
    text = (
        "/** Made by scripts/metrics.py from the domain. In the order in which they are shown. */\n"
        f"export const METRICS = [\n{lines(rows)}] as const\n\n"
        "/** What people look for metrics under, in that order. */\n"
        f"export const SECTIONS = {in_json([*Section])} as const\n\n"
        "/** What 0 and 1 mean, where a number would say less. */\n"
        f"export const READINGS = {in_json(readings)} as const\n\n"
        f"/** Metrics that every sample has. */\nexport const COLUMN_METRICS = {in_json(COLUMN_METRICS)} as const\n"
    )
    return {"api/metrics.ts": text}


def _of(readings: tuple[tuple[str, str], tuple[str, str]], language: int) -> list[str]:
    return [reading[language] for reading in readings]


def _finite(limit: float) -> float | None:
    """JSON has no infinity."""
    return limit if math.isfinite(limit) else None


if __name__ == "__main__":
    write(texts())
