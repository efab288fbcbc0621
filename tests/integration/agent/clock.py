"""Clocks of processes that libfaketime makes wrong, and that step while they run."""

from glob import glob
from pathlib import Path

from scripts.system import FAKETIME


def set_clock(file: Path, ahead: float) -> dict[str, str]:
    """Set a clock so many seconds *ahead*, that of *file*; return the settings of a process that has this clock."""
    # At once: libfaketime ends a process that finds the file empty.
    file.with_suffix(".new").write_text(f"{ahead:+.0f}\n")
    file.with_suffix(".new").replace(file)
    return {
        "LD_PRELOAD": glob(FAKETIME.library)[0].replace("faketime.so", "faketimeMT.so"),  # for programs with threads
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
