"""Whether the system went down while the agent ran, which a file beside the spool knows."""

from __future__ import annotations

import os

from .files import open_own

RUNNING, STOPPED = "running", "stopped"


class Runs:
    """A file at *path* that says if the agent is RUNNING or STOPPED in this run of the system, named *boot*.

    *was_unexpected*: the run before ended while the agent was RUNNING. Raises OSError.
    """

    def __init__(self, path: str, boot: str) -> None:
        self._boot = boot
        self._file = open_own(path)
        words = os.pread(self._file, 200, 0).decode("ascii", "replace").partition("\n")[0].split()
        before, state, unexpected = words if len(words) == 3 else ("", "", "")
        # An agent that starts again in the same run repeats what the first one found.
        self.was_unexpected = unexpected == "1" if before == boot else state == RUNNING
        self.note(RUNNING)

    def note(self, state: str) -> None:
        # All lines are equally long and reach the disk in one write: a power cut leaves a whole one.
        os.pwrite(self._file, f"{self._boot} {state} {self.was_unexpected:d}\n".encode("ascii"), 0)
        os.fsync(self._file)
