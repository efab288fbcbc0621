"""Counts SQL statements, round trips to a database, and calls of the product's functions."""

import dis
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from sqlalchemy import Engine, event

import monitor

OURS = str(Path(monitor.__file__).parent) + "/"
_INLINED = ("<listcomp>", "<dictcomp>", "<setcomp>")
"""No calls from Python 3.12 on."""


@contextmanager
def statements() -> Iterator[Counter[str]]:
    """Count the statements of all engines, on all threads. One for many rows counts once, beginnings of transactions
    do not."""
    found: Counter[str] = Counter()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            found[shortened(statement)] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def shortened(statement: str) -> str:
    """Return what tells statements apart: without columns and most values."""
    line = re.sub(r"\s+", " ", statement.strip())
    line = re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", line)
    line = re.sub(r"'[^']*'|\b\d+\b", "…", re.sub(r"\((\?|%s)(, (\?|%s))*\)", "(…)", line))
    return re.sub(r"\(.*", "(…", line) if line.startswith("INSERT") else line[:120]


class Profile:
    """Counts what happens on this thread, and on those that begin while it is `on`.

    The profiler of `sys.setprofile` is used rather than `sys.monitoring`, which Python 3.11 lacks.
    """

    def __init__(self) -> None:
        self._found: list[str] | None = None
        self._sent = 0

    @contextmanager
    def on(self) -> Iterator["Profile"]:
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield self
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @contextmanager
    def calls(self) -> Iterator[Counter[str]]:
        """Count how often functions under src/monitor begin; a generator that goes on begins only once."""
        counted: Counter[str] = Counter()
        self._found = found = list[str]()
        try:
            yield counted
        finally:
            self._found = None
            counted.update(found)

    @contextmanager
    def round_trips(self) -> Iterator[Counter[str]]:
        """Count messages sent through sockets, each of which has an answer."""
        counted: Counter[str] = Counter()
        before = self._sent
        yield counted
        counted["messages"] = self._sent - before

    def _note(self, frame: FrameType, event: str, what: Any) -> None:
        if event == "c_call":
            self._sent += what.__name__ == "sendall"
        elif event == "call" and self._found is not None:
            name, begins = _named(frame.f_code)
            if name and frame.f_lasti <= begins:
                self._found.append(name)


@cache
def _named(code: CodeType) -> tuple[str, int]:
    """Return the function's name, "" unless it is ours, and where it begins."""
    if not code.co_filename.startswith(OURS) or code.co_name in _INLINED:
        return "", 0
    begins = next((each.offset for each in dis.get_instructions(code) if each.opname == "RESUME"), 0)
    return f"{code.co_filename.removeprefix(OURS).removesuffix('.py')} {code.co_qualname}", begins
