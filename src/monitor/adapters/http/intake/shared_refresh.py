import asyncio

from monitor.application.fleet.fleet import Fleet


class SharedRefresh:
    """`Fleet.refresh` run once for all requests that wait for it, on one event loop.

    Requests without a valid key may cause it too, and threads are few.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._running: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Load what this process has committed. Raises StorageUnavailable."""
        if self._fleet.is_stale and self._running is not None:
            await asyncio.shield(self._running)  # it may have begun before the last commit
        if self._fleet.is_stale:
            if self._running is None:
                self._running = asyncio.create_task(asyncio.to_thread(self._fleet.refresh))
                self._running.add_done_callback(self._ended)
            await asyncio.shield(self._running)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._running = None
