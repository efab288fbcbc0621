"""Plots of `results.json`. Runs in the benchmark's own environment, which has matplotlib."""

import json
import sys
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

LOADED = (("rate", "requests a second"), ("per_cpu_second", "requests for each CPU second"), ("p99", "p99, ms"))
SHOWN = {
    "intake": LOADED,
    "batches": LOADED,
    "remote_write": (("rate", "requests a second"), ("p99", "p99, ms")),
    "stats": LOADED,
    "sqlite": LOADED,
    "series": (("rate", "answers a second"), ("p99", "p99, ms")),
    "bytes": (("bytes", "bytes a sample of three values"),),
    "sealing": (("p50", "p50 of a sample, ms"), ("p99", "p99 of a sample, ms")),
    "backlog": (("p50", "p50 of a sample, ms"), ("p99", "p99 of a sample, ms")),
}
OURS, THEIRS = "#2f6fdd", "#9aa3af"
OTHERS = ("yardstick", "VictoriaMetrics", "Prometheus", "node-exporter", "zabbix-agent2")
WIDE = 300
"""Ratio of largest to smallest from which an axis is logarithmic, so that the smallest stays visible."""


def main(directory: Path) -> None:
    results = json.loads((directory / "results.json").read_text())
    for part, result in results.items():
        if part in SHOWN:
            draw(result["rounds"], SHOWN[part], directory / f"{part}.png")
    if "agent" in results:
        costs = results["agent"]["rounds"]["costs"][0]
        runs = {name: [{**cost, "share": 100 * cost["share"]}] for name, cost in costs.items()}
        draw(runs, (("resident", "resident, MB"), ("share", "% of a core")), directory / "agent.png")


def draw(runs, shown, path):
    """Draw a column of bars for each figure: the median of the rounds, with a dot for each round."""
    size = (4.2 * max(len(shown), 1.5), 0.42 * len(runs) + 1.1)
    figure, axes = pyplot.subplots(1, len(shown), figsize=size, sharey=True, squeeze=False)
    names = list(reversed(runs))
    for axis, (name, title) in zip(axes[0], shown, strict=True):
        middles = [median(run[name] for run in runs[of]) for of in names]
        is_wide = max(middles) > WIDE * min(middles) > 0
        axis.set_xscale("log" if is_wide else "linear")
        for place, of in enumerate(names):
            values = [run[name] for run in runs[of]]
            axis.barh(place, median(values), color=THEIRS if of.startswith(OTHERS) else OURS, height=0.62)
            axis.plot(values, [place] * len(values), "o", color="#111827", markersize=2.5)
            said = f"{median(values):,.0f}" if median(values) >= 100 else f"{median(values):.2g}"
            axis.text(max(values), place, f" {said}", va="center", fontsize=8)
        axis.set_yticks(range(len(names)), names, fontsize=8)
        axis.set_title(f"{title} (logarithmic)" if is_wide else title, fontsize=9, loc="left")
        axis.tick_params(axis="x", labelsize=7)
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_xlim(right=axis.get_xlim()[1] * (4 if is_wide else 1.15))
    figure.tight_layout()
    # No version and time in the file: equal figures give equal files.
    figure.savefig(path, dpi=110, metadata={"Software": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
