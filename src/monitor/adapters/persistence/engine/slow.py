"""Log statements that take long, without their values, and what they were for."""

import logging
from time import monotonic
from typing import Any

from sqlalchemy import Engine

from monitor.application.requests import WORKS_FOR

log = logging.getLogger(__name__)


def log_slow_statements(engine: Engine, seconds: float) -> None:
    """Log each statement of *engine* that takes *seconds* or more. Their texts have marks in place of values."""
    # Not by events: one before and one after each statement are twice as many calls.
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        setattr(engine.dialect, name, _timed(getattr(engine.dialect, name), seconds))


def _timed(execute: Any, seconds: float) -> Any:
    def timed(cursor: Any, statement: str, *rest: Any, **more: Any) -> None:
        begun = monotonic()
        try:
            execute(cursor, statement, *rest, **more)
        finally:
            if (took := monotonic() - begun) >= seconds:
                log.warning("%.2f s for %s: %s", took, WORKS_FOR.get(), " ".join(statement[:1000].split()))

    return timed
