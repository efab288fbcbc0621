"""What a serving process sets up for itself: its log, its heap and its file descriptors."""

import ctypes
import logging
import resource
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from monitor.domain.text import escaped

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # from glibc's malloc.h
_MEGABYTE = 2**20
ENOUGH = 65_536
"""Descriptors: more agents than one process can serve."""
RESERVED = 128
"""Descriptors for the database, files and outgoing mail."""


def configure_logging() -> None:
    """Log structured lines to standard error. One line is one event, whatever texts from clients it contains."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
            structlog.processors.format_exc_info,
            _escape_texts,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing(sys.stderr))),
    )


class _Unfailing:
    """A *stream* that drops what it cannot write, like the handlers of `logging`.

    A log file on a full disk would otherwise end the thread that logs, such as the one that sends notifications. It has
    no base of `io`: such a one is flushed once more when the interpreter has already taken it apart.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _escape_texts(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name == "exception":
            event[name] = _indented(str(value))
        elif not isinstance(value, (int, float, type(None))):
            event[name] = escaped(value if isinstance(value, str) else repr(value))
    return event


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return _indented(super().formatException(ei))


def _indented(text: str) -> str:
    """Return a traceback with each line indented, so that none looks like an event of its own."""
    return "\n".join(f"    {escaped(line)}" for line in text.split("\n"))


def limit_heap() -> None:
    """Make glibc return freed memory to the system. Call it before the first thread starts.

    By default glibc gives every thread a heap and keeps freed memory in it: each thread that ever hashed a password
    kept 19 MB. Does nothing with another C library.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 2)
        # Larger blocks come from the system and return to it. Unset, glibc raises this to the largest block ever freed.
        mallopt(_MMAP_THRESHOLD, 4 * _MEGABYTE)
        mallopt(_TRIM_THRESHOLD, 2 * _MEGABYTE)


def trim_heap() -> None:
    """Return the free pages between used ones to the system."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)


def raise_descriptor_limit() -> int:
    """Raise the soft limit of descriptors to the hard one, or to ENOUGH; return the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return ENOUGH if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def max_connections(descriptors: int) -> int:
    """Return how many of the *descriptors* client connections may take."""
    usable = min(descriptors, ENOUGH)
    return max(usable - RESERVED, usable // 2)
