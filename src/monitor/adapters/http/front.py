"""The outermost layer, which every request passes, and the shortcut to the intake."""

from collections.abc import Sequence
from typing import Any, cast

from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send

from monitor.adapters.http.edge.answers import Packing, is_api, security_headers
from monitor.adapters.http.edge.client_address import Network, note_client_address, note_scheme
from monitor.adapters.http.edge.hosts import HostCheck, Hosts, refuse
from monitor.adapters.http.edge.messages import use_language
from monitor.adapters.http.intake.endpoint import BATCH, SINGLE, IntakeEndpoint
from monitor.adapters.http.operations.metrics import Metrics
from monitor.adapters.http.pages import Ui


class Front:
    """ASGI application around the framework's."""

    def __init__(
        self,
        app: Litestar,
        intake: IntakeEndpoint,
        metrics: Metrics,
        ui: Ui | None,
        *,
        trusted: Sequence[Network],
        hosts: Hosts,
        has_https_base: bool,
    ) -> None:
        """*ui*: None if the screen was not built."""
        self.app = app
        self._ui = ui
        self._intake = intake
        self._metrics = metrics
        self._trusted = trusted
        self._has_https_base = has_https_base
        self._host_check = HostCheck(hosts)
        self._packing = Packing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held: dict[str, Any] = cast(dict[str, Any], scope)
        if held["type"] != "http":
            await self.app(scope, receive, send)
            return
        method, path = held["method"], held["path"]
        if method == "POST" and path in (SINGLE, BATCH):  # does all of the below itself
            await self._intake(scope, receive, send)
            return
        received = dict(held["headers"])
        use_language(received.get(b"accept-language", b"").decode("latin-1"))
        # HEAD is for load balancers and uptime checks; the framework lacks it. The API does not need it.
        only_head = method == "HEAD" and not is_api(path)
        if only_head:
            held = {**held, "method": "GET"}  # a copy: uvicorn must know that no body will come

        ui = self._ui if self._ui is not None and self._ui.is_asked(method, path, received) else None
        note_client_address(held, self._trusted)
        note_scheme(held, self._trusted, has_https_base=self._has_https_base)
        refusal = self._host_check.refusal(held)
        hsts = self._has_https_base and held["scheme"] == "https" and refusal is None

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(method, message["status"])
                present = message["headers"]
                message["headers"] = [
                    *present,
                    *security_headers(path, is_ui=ui is not None, hsts=hsts, present=present),
                ]
            elif only_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if refusal is not None:
            await refuse(noted, refusal, path)
            return
        if ui is not None:
            await ui(cast(Scope, held), receive, noted)
            return
        await self.app(cast(Scope, held), receive, self._packing.around(noted, received.get(b"accept-encoding", b"")))
