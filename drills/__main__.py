"""`make drills`: run drills one after the other and print their results.

DRILLS (names separated by spaces) chooses some. The exit code is 1 if a drill fell, 2 for an unknown name.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from drills.drill import Drill, Outcome
from drills.known import DRILLS
from scripts.system import MARIADB, ensure

PLACE = "/var/tmp"  # noqa: S108 (what is made in it has a name of its own)
"""On a disk, while many systems keep /tmp in memory."""


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
    fallen = [name for name in chosen if not _run(name, DRILLS[name])]
    print(f"\n{len(chosen) - len(fallen)} held, {len(fallen)} fell{': ' if fallen else ''}{' '.join(fallen)}")
    return 1 if fallen else 0


def _run(name: str, drill: Drill) -> bool:
    """Return True if the server held. A drill that fails counts as fallen."""
    print(f"{name}: {drill.attack}", flush=True)
    began = time.monotonic()
    place = Path(tempfile.mkdtemp(prefix="monitor-drill-", dir=PLACE))
    try:
        outcome = drill.run(place)
    except Exception as error:  # run the others
        outcome = Outcome(held=False, seen=f"broke: {error!r}")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"  {'held' if outcome.held else 'FELL'} in {time.monotonic() - began:.0f} s: {outcome.seen}", flush=True)
    return outcome.held


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("drills: interrupted")
