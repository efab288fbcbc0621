"""uvicorn's undocumented parts: no other module imports them.

With them a small request costs a third less, and slow clients and large heads have limits. Without one of them (another
uvicorn, or no httptools) the server works the ordinary way: uvicorn chooses the protocol, and answers are ASGI
messages. `pyproject.toml` allows only the release that was tested.
"""

from collections.abc import Mapping, Sequence

__all__ = ["MISSING", "HttpToolsProtocol", "RequestResponseCycle", "missing_parts"]


class _Absent:
    """Stands in for a class that is not there."""


def missing_parts(used: Mapping[type, Sequence[str]]) -> list[str]:
    """Return as `Class.name` what of *used* a class neither has nor sets in its `__init__`."""
    missing = []
    for kind, names in used.items():
        code = getattr(kind.__init__, "__code__", None)  # type: ignore[misc]  # it is not called
        known = {*dir(kind), *(code.co_names if code else ())}
        missing += [f"{kind.__name__}.{name}" for name in names if name not in known]
    return missing


MISSING: list[str]
"""Empty if all parts are there."""

try:
    from uvicorn.protocols.http.flow_control import FlowControl
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
    from uvicorn.server import ServerState
except ImportError as error:
    HttpToolsProtocol = RequestResponseCycle = _Absent  # type: ignore[assignment,misc]  # not used then
    MISSING = [str(error)]
else:
    MISSING = missing_parts(
        {
            HttpToolsProtocol: (
                *("connection_made", "connection_lost", "data_received", "on_headers_complete", "on_body"),
                *("on_message_complete", "on_response_complete", "_start_asgi_task", "send_400_response"),
                *("client", "cycle", "flow", "headers", "loop", "pipeline", "scope", "server_state", "transport"),
            ),
            RequestResponseCycle: (
                *("access_log", "default_headers", "disconnected", "flow", "keep_alive", "message_event", "more_body"),
                *("on_response", "response_complete", "response_started", "scope", "send", "transport"),
            ),
            FlowControl: ("read_paused", "resume_reading", "write_paused"),
            ServerState: ("total_requests",),
        }
    )
