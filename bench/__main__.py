"""`make bench`: measure, and write the results to docs/benchmarks/.

PARTS (names separated by commas or spaces; default: all), ROUNDS and SECONDS (of one load) come from the environment.
Results of other parts stay unchanged.
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
from bench.machine import commit, machine
from bench.parts import PARTS
from bench.stage import stage
from scripts.system import MARIADB, WRK, ensure

ROUNDS, SECONDS = 3, 5.0
DIRECTORY = environment.ROOT / "docs" / "benchmarks"
RESULTS = DIRECTORY / "results.json"
COMMIT = commit()
"""Before results are written, which are committed too."""


def main() -> int:
    """Return the exit code: 0, also for missed goals, which the table shows; 2 for a wrong setting."""
    if sys.argv[1:]:  # rather than to run everything for `--help`
        print(__doc__, file=sys.stderr)
        return 2
    chosen = os.environ.get("PARTS", "").replace(",", " ").split() or list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        print(f"bench: PARTS: there is no {' or '.join(unknown)}, only {' '.join(PARTS)}", file=sys.stderr)
        return 2
    rounds, seconds = int(os.environ.get("ROUNDS") or ROUNDS), float(os.environ.get("SECONDS") or SECONDS)
    # Like Ctrl-C: started processes end, and temporary files are deleted.
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
    about["commit"] = COMMIT
    with stage(rounds, seconds) as ready:
        result = PARTS[name](ready)
    print(f"bench: {name} took {time.monotonic() - began:.0f} s", flush=True)
    return {"about": about, **result.as_json()}


def _write(results: dict[str, Any]) -> None:
    """Write after each part, so that an interrupted run keeps its results."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    ordered = {name: results[name] for name in PARTS if name in results}
    RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    (DIRECTORY / "README.md").write_text(report.page(ordered))
    subprocess.run(
        [environment.yardstick("python"), "-m", "bench.plots", str(DIRECTORY)], cwd=environment.ROOT, check=True
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; what was measured before is kept")
