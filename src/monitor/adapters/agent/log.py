"""The log on standard error: a line for each change of state, never for each sample."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

Log = Callable[[str], None]
"""Logs one line."""

_LONGEST = 400


def one_line(text: str) -> str:
    """Return *text* as one printable line of 400 characters at most: it could forge log lines or move the cursor."""
    return "".join(char if char.isprintable() else " " for char in text)[:_LONGEST].strip()


def stderr_log() -> Log:
    """Return a function that logs to standard error, with the UTC time unless systemd's journal adds it."""
    timed = "JOURNAL_STREAM" not in os.environ

    def log(line: str) -> None:
        at = time.strftime("%Y-%m-%d %H:%M:%S ", time.gmtime()) if timed else ""
        with suppress(OSError):  # a full disk: samples matter more than the log
            sys.stderr.write(f"{at}monitor-agent: {one_line(line)}\n")
            sys.stderr.flush()

    return log
