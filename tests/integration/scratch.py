"""Temporary files in memory, where there is room: no commit of a test's database then waits for a disk."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 (what is made in it has a name of its own, as in any folder for temporary files)
ENOUGH = 4 * 2**30


def use_memory() -> None:
    """Use memory for temporary files of this process and its children, unless TMPDIR is set."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
