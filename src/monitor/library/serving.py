"""The whole API and the screen as an ASGI application, in a server of somebody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from monitor.adapters.http import ui
from monitor.adapters.http.edge.answers import Receive, Scope, Send
from monitor.asgi import build
from monitor.domain.errors import InvalidInput, Problem
from monitor.errors import Closed
from monitor.library.base import Shared


class Application:
    """ASGI application. Serve it itself, or mount it below *prefix* and run its `lifespan` with the host's own.

    Below a prefix it serves the API alone: the screen asks for addresses from the root.
    """

    def __init__(self, shared: Shared, prefix: str) -> None:
        if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
            raise InvalidInput({"prefix": Problem("invalid_prefix")})
        self._shared, self._prefix = shared, prefix
        self._application = build(shared.container, None if prefix else ui.BUILT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await self._application.asgi(self._below(scope), receive, send)

    def _below(self, scope: Scope) -> Scope:
        """Return *scope* without the prefix, which some hosts leave on the path."""
        path: str = scope["path"]
        if not self._prefix or not path.startswith(f"{self._prefix}/"):
            return scope
        raw = scope.get("raw_path")
        stripped = {"path": path.removeprefix(self._prefix), "root_path": ""}
        return {**scope, **stripped, **({} if raw is None else {"raw_path": raw.removeprefix(self._prefix.encode())})}

    @asynccontextmanager
    async def lifespan(self, _: Any = None) -> AsyncIterator[None]:
        """Take samples, serve and do background work until the block ends. Raises Closed."""
        if self._shared.is_closed:
            raise Closed
        async with AsyncExitStack() as stack:
            with self._shared.storing:  # once no thread stores by itself; then all use the queue
                await stack.enter_async_context(self._application.running())
            working = self._shared.work.running(self._shared.hearing)
            await asyncio.to_thread(working.__enter__)
            stack.push_async_callback(asyncio.to_thread, working.__exit__, None, None, None)
            yield
