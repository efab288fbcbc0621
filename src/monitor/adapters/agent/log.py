"""Plain lines on standard error, for changes of state and never for each sample."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

Say = Callable[[str], None]

_LONGEST = 400


def one_line(text: str) -> str:
    """*text* without what could forge a second log line or move a terminal's cursor; at most 400 characters."""
    return "".join(char if char.isprintable() else " " for char in text)[:_LONGEST].strip()


def stderr_log() -> Say:
    """Says lines on standard error, with the time (UTC) unless the journal stamps them already."""
    stamped = "JOURNAL_STREAM" not in os.environ

    def say(line: str) -> None:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S ", time.gmtime()) if stamped else ""
        sys.stderr.write(f"{stamp}monitor-agent: {one_line(line)}\n")
        sys.stderr.flush()

    return say
