"""Many agents in one process, each on its own connection: `python -m drills.agent_crowd PORT KEY COUNT SECONDS`.

Prints what became of their reports, as JSON.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass, field
from typing import cast

import uvloop

INTERVAL = 15.0
METRICS = '{"ip_address":"%s","metrics":{"cpu_value":12.5,"memory_value":30.25,"disk_value":42.5}}'


@dataclass
class Tally:
    sent: int = 0
    stored: int = 0
    refused: list[str] = field(default_factory=list)
    """Responses to samples that were not stored; empty for no response."""
    connections: int = 0
    seconds: list[float] = field(default_factory=list)
    """Seconds from when a report was due to its response."""


def address(number: int) -> str:
    """Return the address by which the server knows an agent."""
    return f"10.{number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


class _Agent(asyncio.Protocol):
    def __init__(self, port: int, key: str, number: int, tally: Tally) -> None:
        body = METRICS % address(number)
        head = f"POST /api/monitor/data HTTP/1.1\r\nHost: a\r\nX-API-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._port = port
        self._request = (head + body).encode()
        self._source = f"127.{number // 62_500 + 1}.{number // 250 % 250}.{number % 250 + 1}"
        self._tally = tally
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[bool] | None = None
        self._last = ""

    async def report(self, due: float) -> None:
        """Send a report, and again if the kept connection has ended, like an agent."""
        self._tally.sent += 1
        is_stored = await self._try() or await self._try()
        self._tally.stored += is_stored
        if not is_stored:
            self._tally.refused.append(self._last)
        self._tally.seconds.append(asyncio.get_running_loop().time() - due)

    async def _try(self) -> bool:
        loop = asyncio.get_running_loop()
        try:
            if self._transport is None:
                await loop.create_connection(lambda: self, "127.0.0.1", self._port, local_addr=(self._source, 0))
                self._tally.connections += 1
            if self._transport is None:  # closed at once
                return False
            self._answered = loop.create_future()
            self._transport.write(self._request)
            return await asyncio.wait_for(self._answered, 10)
        except OSError:  # includes timeouts
            return False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._last = data.partition(b"\r\n")[0].decode()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(data.startswith(b"HTTP/1.1 200 "))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(False)


async def _go_on(agent: _Agent, offset: float, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    due, end = loop.time() + offset, loop.time() + seconds
    while due < end:
        await asyncio.sleep(max(0.0, due - loop.time()))
        await agent.report(due)
        due += INTERVAL


async def _crowd(port: int, key: str, count: int, seconds: float) -> Tally:
    tally = Tally()
    agents = [_Agent(port, key, number, tally) for number in range(count)]
    await asyncio.gather(*(_go_on(agent, n * INTERVAL / count, seconds) for n, agent in enumerate(agents)))
    return tally


if __name__ == "__main__":
    port, key, count, seconds = sys.argv[1:]
    print(json.dumps(asdict(uvloop.run(_crowd(int(port), key, int(count), float(seconds))))))
