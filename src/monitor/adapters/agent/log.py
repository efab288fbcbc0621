"""The log on standard error: a line for each change of state, never for each sample."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

Log = Callable[[str], None]
"""Logs one line."""

_LONGEST = 400


def one_line(text: str) -> str:
    """Return *text* as one printable line of at most 400 characters.

    Text from outside could otherwise forge a log line or move the terminal's cursor.
    """
    return "".join(char if char.isprintable() else " " for char in text)[:_LONGEST].strip()


def stderr_log() -> Log:
    """Return a function that logs to standard error, with the UTC time unless systemd's journal adds it."""
    timed = "JOURNAL_STREAM" not in os.environ

    def log(line: str) -> None:
        at = time.strftime("%Y-%m-%d %H:%M:%S ", time.gmtime()) if timed else ""
        sys.stderr.write(f"{at}monitor-agent: {one_line(line)}\n")
        sys.stderr.flush()

    return log
