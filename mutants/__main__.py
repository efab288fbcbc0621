"""`make mutants`: put one fault after another into the product, and see whether the tests notice it.

MUTANTS="tokens lease" chooses those whose concept or fault contains one of the words; JOBS: how many run at a time.
The exit code is 1 if one is missed, 2 if a run says nothing: a fault that cannot be put in, or tests that fail without.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from mutants.copies import FAILED, PASSED, Copy
from mutants.known import MUTANTS
from mutants.mutant import Mutant

WORDS = {FAILED: "noticed", PASSED: "MISSED"}


class Tried(NamedTuple):
    concept: str
    code: int
    seconds: float


class Trial:
    """Tries mutants in *jobs* copies at a time."""

    def __init__(self, jobs: int, place: Path) -> None:
        self._copies = SimpleQueue[Copy]()
        for number in range(jobs):
            self._copies.put(Copy(place / str(number)))

    @contextmanager
    def _copy(self) -> Iterator[Copy]:
        copy = self._copies.get()
        try:
            yield copy
        finally:
            self._copies.put(copy)

    def passes(self, tests: list[str]) -> bool:
        """Tell whether *tests* pass without a fault, and show why not."""
        with self._copy() as copy:
            code, output = copy.test(tests)
        if code != PASSED:
            print(f"{output}\nmutants: these tests fail without a fault", flush=True)
        return code == PASSED

    def attempt(self, concept: str, mutant: Mutant) -> Tried:
        with self._copy() as copy:
            began = time.monotonic()
            code, output = copy.test(mutant.tests.split(), mutant)
            seconds = time.monotonic() - began
        print(f"{WORDS.get(code, 'BROKEN'):8} {seconds:6.1f} s  {concept}: {mutant.what}", flush=True)
        if code not in WORDS:
            print(output, flush=True)
        return Tried(concept, code, seconds)


def main() -> int:
    words = os.environ.get("MUTANTS", "").replace(",", " ").split()
    jobs = int(os.environ.get("JOBS") or 2)
    every = [(concept, mutant) for concept, some in MUTANTS.items() for mutant in some]
    chosen = [each for each in every if not words or any(word in f"{each[0]}: {each[1].what}" for word in words)]
    if not chosen:
        print(f"mutants: MUTANTS: nothing contains {' or '.join(words)}", file=sys.stderr)
        return 2
    try:
        for _, mutant in chosen:
            mutant.broken()
    except ValueError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    files = sorted({file for _, mutant in chosen for file in mutant.tests.split()})
    print(f"{len(chosen)} mutants, and before them their {len(files)} test files without a fault", flush=True)
    with tempfile.TemporaryDirectory(prefix="monitor-mutants-") as place, ThreadPoolExecutor(jobs) as pool:
        trial = Trial(jobs, Path(place))
        if not all(pool.map(trial.passes, [files[n::jobs] for n in range(min(jobs, len(files)))])):
            return 2
        tried = list(pool.map(lambda each: trial.attempt(*each), chosen))
    _show(tried)
    codes = {each.code for each in tried}
    return 2 if codes - WORDS.keys() else 1 if PASSED in codes else 0


def _show(tried: list[Tried]) -> None:
    """Print a line for each concept: how many were noticed, and how long they took."""
    print(f"\n{'concept':36} {'noticed':>9} {'seconds':>9}")
    for concept in dict.fromkeys(each.concept for each in tried):
        _show_line(concept, [each for each in tried if each.concept == concept])
    _show_line("in all", tried)


def _show_line(title: str, tried: list[Tried]) -> None:
    noticed = sum(each.code == FAILED for each in tried)
    print(f"{title:36} {f'{noticed}/{len(tried)}':>9} {sum(each.seconds for each in tried):9.1f}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("mutants: interrupted")
