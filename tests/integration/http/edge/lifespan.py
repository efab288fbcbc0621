"""The ASGI lifespan protocol, as a server speaks it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar.types import ASGIApp


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[None]:
    """*app* is started, and shut down at the end. Raises AssertionError where it says that it can't."""
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, to_app.get, from_app.put))  # type: ignore[arg-type]  # queues of plain dicts
    for step in ("startup", "shutdown"):
        await to_app.put({"type": f"lifespan.{step}"})
        answer = await from_app.get()
        assert answer["type"] == f"lifespan.{step}.complete", answer
        if step == "startup":
            yield
    await task
