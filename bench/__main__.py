"""`make bench`: measures, and writes what it found to docs/benchmarks/.

PARTS (all, or names separated by commas or spaces), ROUNDS and SECONDS (of one load) come from the environment. What
was measured before and is not measured now stays as it was.
"""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from bench import environment, report
from bench.machine import machine
from bench.parts import PARTS
from bench.stage import stage
from scripts.system import MARIADB, WRK, ensure

ROUNDS, SECONDS = 3, 5.0
DIRECTORY = environment.ROOT / "docs" / "benchmarks"
RESULTS = DIRECTORY / "results.json"


def main() -> int:
    """The exit code: 0 also where a goal was missed, which the table says; 2 for a wrong setting."""
    chosen = os.environ.get("PARTS", "").replace(",", " ").split() or list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        print(f"bench: PARTS: there is no {' or '.join(unknown)}, only {' '.join(PARTS)}", file=sys.stderr)
        return 2
    rounds, seconds = int(os.environ.get("ROUNDS") or ROUNDS), float(os.environ.get("SECONDS") or SECONDS)
    # As Ctrl-C: what was started ends, and what was written goes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ensure([MARIADB, WRK])
    environment.ensure()
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in PARTS:
        if name in chosen:
            results[name] = _measured(name, rounds, seconds)
            _write(results)
    print(report.table(results))
    return 0


def _measured(name: str, rounds: int, seconds: float) -> dict[str, Any]:
    print(f"bench: {name}", flush=True)
    began = time.monotonic()
    about = machine() | {"when": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "rounds": rounds, "seconds": seconds}
    with stage(rounds, seconds) as ready:
        result = PARTS[name](ready)
    print(f"bench: {name} took {time.monotonic() - began:.0f} s", flush=True)
    return {"about": about, **result.as_json()}


def _write(results: dict[str, Any]) -> None:
    """After each part: a run that is broken off keeps what it found."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    ordered = {name: results[name] for name in PARTS if name in results}
    RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    (DIRECTORY / "README.md").write_text(report.page(ordered))
    subprocess.run(
        [environment.program("python"), "-m", "bench.plots", str(DIRECTORY)], cwd=environment.ROOT, check=True
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; what was measured before is kept")
