"""Write the screen's copy of the metrics to frontend/src/api/metrics.ts. A unit test compares it."""

import json
import math

from monitor.domain.intake.metrics import METRICS, bounds
from monitor.domain.intake.samples import COLUMN_METRICS
from scripts.steps import ROOT

COPY = ROOT / "frontend" / "src" / "api" / "metrics.ts"


def text() -> str:
    rows = [
        {
            "name": metric.name,
            "zh-CN": metric.chinese,
            "en": metric.english,
            "unit": metric.unit.value,
            "chart": metric.chart,
            **dict(zip(("low", "high"), map(_finite, bounds(metric.name)), strict=True)),
        }
        for metric in METRICS
    ]
    lines = "".join(f"  {json.dumps(row, ensure_ascii=False)},\n" for row in rows)
    columns = json.dumps(COLUMN_METRICS)
    return (
        "/** Made by scripts/metrics.py from the domain. In the order in which they are shown. */\n"
        f"export const METRICS = [\n{lines}] as const\n\n"
        f"/** Metrics that every sample has. */\nexport const COLUMN_METRICS = {columns} as const\n"
    )


def _finite(limit: float) -> float | None:
    """JSON has no infinity."""
    return limit if math.isfinite(limit) else None


if __name__ == "__main__":
    COPY.write_text(text())
