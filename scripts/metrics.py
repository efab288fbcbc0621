"""Write the screen's copy of the metrics to frontend/src/api/metrics.ts. A unit test compares it."""

import json

from monitor.domain.metrics import METRICS
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
            "canBeNegative": metric.can_be_negative,
        }
        for metric in METRICS
    ]
    lines = "".join(f"  {json.dumps(row, ensure_ascii=False)},\n" for row in rows)
    head = "/** Made by scripts/metrics.py from src/monitor/domain/metrics.py. */"
    return f"{head}\nexport const METRICS = [\n{lines}] as const\n"


if __name__ == "__main__":
    COPY.write_text(text())
