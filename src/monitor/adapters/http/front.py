"""The outermost layer: what every request passes, and the short way to intake."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send

from monitor.adapters.http.client_address import Network, note_client_address
from monitor.adapters.http.intake import BATCH, SINGLE, IntakeEndpoint
from monitor.adapters.http.messages import use_language
from monitor.adapters.http.metrics import Metrics
from monitor.adapters.http.ui import Ui

_CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# Swagger UI draws with style attributes and data: images; its scripts are files of ours.
_SCHEMA_CSP = f"{_CSP}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
# The screen saves charts as pictures, and a build may put a small one into a style sheet.
_UI_CSP = f"{_CSP}; img-src 'self' data: blob:"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_PERMISSIONS = (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()")
_NO_STORE = (b"cache-control", b"no-store")


class Front:
    """An ASGI application around the framework's."""

    def __init__(
        self, app: Litestar, intake: IntakeEndpoint, metrics: Metrics, trusted: Sequence[Network], ui: Ui | None
    ) -> None:
        """*ui*: None where none was built."""
        self.app = app
        self._ui = ui
        self._intake = intake
        self._metrics = metrics
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held: dict[str, Any] = cast(dict[str, Any], scope)
        if held["type"] != "http":
            await self.app(scope, receive, send)
            return
        method, path = held["method"], held["path"]
        received = dict(held["headers"])
        use_language(received.get(b"accept-language", b"").decode("latin-1"))
        # For load balancers and uptime checks; the framework knows no HEAD. The API itself does without.
        only_head = method == "HEAD" and not _is_api(path)
        if only_head:
            held["method"] = "GET"

        ui = self._ui if self._ui is not None and self._ui.is_asked(method, path, received) else None
        policy = _UI_CSP if ui is not None else _SCHEMA_CSP if path.startswith("/schema") else _CSP

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(method, message["status"])
                message["headers"] = [*message["headers"], *_headers(path, policy, message["headers"])]
            elif only_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if method == "POST" and path in (SINGLE, BATCH):
            await self._intake(scope, receive, noted)
            return
        if ui is not None:
            await ui(scope, receive, noted)
            return
        note_client_address(held, self._trusted)
        await self.app(scope, receive, noted)


def _is_api(path: str) -> bool:
    """The screen may well have an address such as /api-keys."""
    return path == "/api" or path.startswith("/api/")


def _headers(path: str, policy: str, present: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    headers = [*_HEADERS, (b"content-security-policy", policy.encode())]
    if not _is_api(path):
        headers.append(_PERMISSIONS)
    elif not any(name.lower() == b"cache-control" for name, _ in present):
        headers.append(_NO_STORE)
    return headers
