"""Commands that run one after the other in lanes, and the lanes side by side."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
SLOWEST = 3
TEST_DURATION = re.compile(r"^(\d+\.\d+)s (call|setup|teardown) +(\S.*)$")
"""A line of pytest's `--durations`."""


@dataclass(slots=True)
class Step:
    """One command, and what its run showed."""

    name: str
    command: list[str]
    directory: Path = ROOT
    seconds: float = 0.0
    parts: list[tuple[float, str]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    """What it printed, until it is shown."""

    def report(self) -> str:
        """How long it took, and its slowest parts."""
        lines = [f"{self.seconds:7.1f} s  {self.name}"]
        slowest = sorted(self.parts, reverse=True)[:SLOWEST]
        return "\n".join([*lines, *(f"{'':11}{seconds:7.1f} s  {part}" for seconds, part in slowest)])


class Run:
    """All that was run so far. After the step that *failed* nothing starts any more, and nothing is shown."""

    def __init__(self) -> None:
        self.done: list[Step] = []
        self.failed: Step | None = None
        self.code = 0
        self._is_over = False
        self._processes: set[subprocess.Popen[str]] = set()
        self._lock = Lock()

    def lanes(self, *lanes: Sequence[Step]) -> None:
        """Run them side by side; each step's output is shown whole, when it ends. One alone shows it as it comes.

        Interrupted, it shows what the unfinished ones printed.
        """
        with ThreadPoolExecutor(len(lanes)) as pool:
            running = [pool.submit(self._lane, steps, is_alone=len(lanes) == 1) for steps in lanes]
            try:
                for lane in running:
                    lane.result()
            except KeyboardInterrupt:
                with self._lock:
                    self._end()
                    for step in (step for steps in lanes for step in steps if step.unseen):
                        _show("".join([*step.unseen, f"\nmonitor: {step.name} was interrupted\n"]))
                raise

    def _lane(self, steps: Sequence[Step], *, is_alone: bool) -> None:
        for step in steps:
            code = self._execute(step, _show if is_alone else step.unseen.append)
            with self._lock:
                if self._is_over:
                    return
                _show("".join(step.unseen))
                step.unseen.clear()
                self.done.append(step)
                if code:
                    self.failed, self.code = step, code
                    self._end()
                    return

    def _execute(self, step: Step, show: Callable[[str], None]) -> int:
        """The exit code; any but 0 is a failure. That includes pytest's 5, which says that it found no test to run."""
        started = time.monotonic()
        process = self._start(step)
        if process is None:
            return 1
        show(f"\n=== {step.name}: {' '.join(step.command)}\n")
        with process:
            for line in process.stdout or ():
                show(line)
                if duration := TEST_DURATION.match(line):
                    step.parts.append((float(duration[1]), f"{duration[3].strip()} ({duration[2]})"))
        step.seconds = time.monotonic() - started
        with self._lock:
            self._processes.discard(process)
        return process.returncode

    def _start(self, step: Step) -> subprocess.Popen[str] | None:
        """None once it is all over."""
        path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        with self._lock:
            if self._is_over:
                return None
            process = subprocess.Popen(
                step.command,
                cwd=step.directory,
                env=os.environ | {"PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                process_group=0,
            )
            self._processes.add(process)
            return process

    def _end(self) -> None:
        """Interrupt what runs, as Ctrl-C does, so that tests stop the servers that they started.

        The terminal itself reaches none of it: each has a process group of its own.
        """
        self._is_over = True
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
