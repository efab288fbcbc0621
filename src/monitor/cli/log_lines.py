"""The server's log: one line is one event, whatever strangers put into the texts that it tells."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from monitor.domain.text import escaped


def configure_logging() -> None:
    """Structured lines on standard error; never a body, a password or a token."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
            structlog.processors.format_exc_info,
            without_unseen,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def without_unseen(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape every text. A traceback keeps its lines, set in, so that none of them looks like one of the log's own."""
    for name, value in event.items():
        if name == "exception":
            event[name] = _set_in(str(value))
        elif not isinstance(value, (int, float, type(None))):
            event[name] = escaped(value if isinstance(value, str) else repr(value))
    return event


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging calls it
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - likewise
        return _set_in(super().formatException(ei))


def _set_in(text: str) -> str:
    return "\n".join(f"    {escaped(line)}" for line in text.split("\n"))
