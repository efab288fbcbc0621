"""The outermost layer. Every request passes it, except samples that `intake/shortcut.py` takes from the protocol."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4

import structlog

from monitor.adapters.http.edge.answers import App, Message, Packing, Receive, Scope, Send, is_api, security_headers
from monitor.adapters.http.edge.client_address import Network, note_client_address, note_scheme
from monitor.adapters.http.edge.hosts import HostCheck, refuse
from monitor.adapters.http.edge.words.messages import use_language
from monitor.adapters.http.intake.endpoint import BATCH, SINGLE, IntakeEndpoint
from monitor.adapters.http.intake.prometheus import WRITE, PrometheusEndpoint
from monitor.adapters.http.operations.living import HEALTH, answer_health
from monitor.adapters.http.operations.metrics import Metrics
from monitor.adapters.http.ui import Ui
from monitor.application.requests import WORKS_FOR

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """ASGI application around the framework's. *running*: while the server runs. *ui*: None if it was not built."""

    app: App
    running: Callable[[], AbstractAsyncContextManager[None]]
    intake: IntakeEndpoint
    prometheus: PrometheusEndpoint
    metrics: Metrics
    ui: Ui | None
    trusted: Sequence[Network]
    has_https_base: bool
    host_check: HostCheck
    slow_after: float
    packing: Packing = field(default_factory=Packing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = scope
        if held["type"] != "http":
            await (self._live if held["type"] == "lifespan" else self.app)(scope, receive, send)
            return
        method, path = held["method"], held["path"]
        if method == "POST" and path in (SINGLE, BATCH):  # does all of the below itself
            await self.intake(scope, receive, send)
            return
        if method == "POST" and path == WRITE:  # likewise
            await self.prometheus(scope, receive, send)
            return
        begun, request_id = monotonic(), uuid4().hex
        WORKS_FOR.set(f"request {request_id}")
        received = dict(held["headers"])
        use_language(received.get(b"accept-language", b"").decode("latin-1"))
        # HEAD is for load balancers and uptime checks; the framework lacks it. The API does not need it.
        only_head = method == "HEAD" and not is_api(path)
        if only_head:
            held = {**held, "method": "GET"}  # a copy: uvicorn must know that no body will come

        ui = self.ui if self.ui is not None and self.ui.is_asked(method, path, received) else None
        note_client_address(held, self.trusted)
        note_scheme(held, self.trusted, has_https_base=self.has_https_base)
        refusal = self.host_check.refusal(held)
        hsts = self.has_https_base and held["scheme"] == "https" and refusal is None

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.metrics.answered(method, message["status"])
                self._note_slow(monotonic() - begun, request_id, held)
                present = message["headers"]
                message["headers"] = [
                    *present,
                    *security_headers(path, is_ui=ui is not None, hsts=hsts, present=present),
                    *([(b"x-request-id", request_id.encode())] if is_api(path) else ()),
                ]
            elif only_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if refusal is not None:
            await refuse(noted, refusal, path)
        elif ui is not None:
            await ui(held, receive, noted)
        else:
            await self._answer(held, receive, noted, received.get(b"accept-encoding", b""))

    def _note_slow(self, took: float, request_id: str, scope: Scope) -> None:
        if took >= self.slow_after:  # not with its path: that of a ping, or of an acknowledging link, is a secret
            log.warning("slow request", id=request_id, seconds=round(took, 2), route=scope.get("path_template"))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, accepted: bytes) -> None:
        if scope["path"] == HEALTH and scope["method"] == "GET":
            await answer_health(send)
            return
        await self.app(scope, receive, self.packing.around(send, accepted))

    async def _live(self, _: Scope, receive: Receive, send: Send) -> None:
        """Follow ASGI's lifespan protocol. A failure ends the server, which logs it."""
        await receive()
        async with self.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
