"""What a thread or task works for now, so that what is slow can be found in the log."""

from contextvars import ContextVar

WORKS_FOR: ContextVar[str] = ContextVar("works_for", default="no request")
"""A request with its id, which its answer has in `X-Request-ID`, or a background job."""
