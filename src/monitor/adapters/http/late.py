"""The part of the web application that is loaded after a server has begun to answer.

Loading the framework and making its application of all routes takes half of a start. Intake, the health check and the
screen's files do without it, so none of what is imported before may import the framework.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from monitor.adapters.http.edge.answers import App, Receive, Scope, Send


class Streams(Protocol):
    def start(self) -> None: ...
    async def close(self) -> None: ...
    def end_streams_soon(self) -> None: ...


class Api(Protocol):
    @property
    def litestar(self) -> App: ...
    @property
    def hub(self) -> Streams: ...


Made = TypeVar("Made", bound=Api)


class Late(Generic[Made]):
    """ASGI application that is made when it is first asked for. Requests wait for that, and never get less."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._making = threading.Lock()
        self._made: Made | None = None
        self._start: asyncio.Task[Made] | None = None
        self._started: Made | None = None

    def made(self) -> Made:
        """Return the API, and make it first if nobody has. Raises what making it raises."""
        with self._making:
            if self._made is None:
                self._made = self._make()
            return self._made

    async def started(self) -> Made:
        """Return the API when it serves. It is made on a thread, so that the event loop goes on answering."""
        if self._start is None:
            self._start = asyncio.create_task(self._start_soon())
        return await asyncio.shield(self._start)  # the others still wait when one of them goes

    async def _start_soon(self) -> Made:
        made = await asyncio.to_thread(self.made)
        made.hub.start()
        self._started = made
        return made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = self._started or await self.started()
        await api.litestar(scope, receive, send)

    def end_streams_soon(self) -> None:
        if self._started is not None:
            self._started.hub.end_streams_soon()

    async def close(self) -> None:
        """End what was started, also if that is still under way."""
        if self._start is not None:
            await asyncio.wait([self._start])
        if self._started is not None:
            await self._started.hub.close()
