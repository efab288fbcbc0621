"""`make drills`: run drills one after the other, and write their results into docs/drills.md.

DRILLS (names separated by spaces) chooses some. The exit code is 1 if a drill fell, 2 for an unknown name.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from bench.machine import commit
from drills import table
from drills.drill import Drill, NotHere, Outcome
from drills.known import DRILLS
from scripts.system import MARIADB, ensure

PLACE = "/var/tmp"  # noqa: S108 (what is made in it has a name of its own)
"""On a disk, while many systems keep /tmp in memory."""
HELD, FELL = "held", "FELL"
MOST_SEEN = 800
"""Characters of figures that go into the table."""
LAST_OF_LOG = 4_000
"""Characters of each log that are shown for a drill that broke."""


def main() -> int:
    if sys.argv[1:]:  # rather than to run everything for `--help`
        print(__doc__, file=sys.stderr)
        return 2
    chosen = os.environ.get("DRILLS", "").replace(",", " ").split() or list(DRILLS)
    unknown = [name for name in chosen if name not in DRILLS]
    if unknown:
        print(f"drills: DRILLS: there is no {' or '.join(unknown)}, only {' '.join(DRILLS)}", file=sys.stderr)
        return 2
    ensure([MARIADB])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it stops what it started
    rows, version = {}, commit()
    for name in chosen:
        if (row := _run(name, DRILLS[name], version)) is not None:
            rows[name] = row
            table.write(table.PAGE, rows, DRILLS)
    fallen = [name for name, row in rows.items() if row.result != HELD]
    print("\n".join(["", table.HEAD, table.RULE, *map(str, rows.values())]))
    print(f"\n{len(rows) - len(fallen)} held, {len(fallen)} fell{': ' if fallen else ''}{' '.join(fallen)}")
    return 1 if fallen else 0


def _run(name: str, drill: Drill, version: str) -> table.Row | None:
    """Return its row; None if it cannot run here. A drill that fails counts as fallen."""
    print(f"{name}: {drill.attack}", flush=True)
    began = time.monotonic()
    place = Path(tempfile.mkdtemp(prefix="monitor-drill-", dir=PLACE))
    try:
        outcome = drill.run(place)
    except NotHere as error:
        print(f"  left out: {error}", flush=True)
        return None
    except Exception as error:  # run the others
        traceback.print_exc()
        _print_logs(place)
        outcome = Outcome(held=False, seen=f"broke: {error!r}")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    result, seconds = HELD if outcome.held else FELL, f"{time.monotonic() - began:.0f}"
    figures = "; ".join(filter(None, (outcome.size, outcome.missed, outcome.seen)))
    print(f"  {result} in {seconds} s: {figures}", flush=True)
    return table.Row(
        name=name,
        attack=drill.attack,
        size=outcome.size,
        result=result,
        missed=outcome.missed,
        seen=outcome.seen[:MOST_SEEN],
        seconds=seconds,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        version=version,
    )


def _print_logs(place: Path) -> None:
    """Print the end of what each process wrote below *place*, which is about to be removed."""
    for log in sorted([*place.rglob("*.err"), *place.rglob("*.log")]):
        print(f"{log}:\n{log.read_text(errors='replace')[-LAST_OF_LOG:]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("drills: interrupted")
