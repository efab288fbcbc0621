"""Requests for the API while it is being loaded."""

import asyncio
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest

from monitor.adapters.http.edge.connections import Connections
from monitor.adapters.http.edge.protocol import no_request
from monitor.adapters.http.late import Late
from monitor.asgi import HttpApplication
from monitor.cli.server import Server, bind


class Hub:
    is_started = is_closed = False

    def start(self) -> None:
        self.is_started = True

    def end_streams_soon(self) -> None:
        pass

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class Api:
    hub: Hub = field(default_factory=Hub)

    async def litestar(self, _scope: Any, _receive: Any, send: Any) -> None:
        assert self.hub.is_started
        await send("answer")


async def _ask(late: Late[Api]) -> list[str]:
    answers: list[str] = []

    async def send(message: str) -> None:
        answers.append(message)

    await late({}, asyncio.Event().wait, send)
    return answers


def test_requests_wait_until_it_is_made_once():
    may_end, made = threading.Event(), list[Api]()

    def make() -> Api:
        may_end.wait(30)
        made.append(Api())
        return made[-1]

    async def run() -> None:
        late = Late(make)
        asked = [asyncio.create_task(_ask(late)) for _ in range(3)]
        for _ in range(10):
            await asyncio.sleep(0)  # the event loop goes on meanwhile
        asked[0].cancel()
        assert not any(request.done() for request in asked[1:])
        may_end.set()
        assert [["answer"]] * 2 == await asyncio.gather(*asked[1:])
        assert made == [late.made()]
        await late.close()
        assert made[0].hub.is_closed

    asyncio.run(run())


def _fails() -> Any:
    raise LookupError("a wrong route")


def test_each_request_fails_if_it_cannot_be_made():
    async def run() -> None:
        late = Late(_fails)
        for _ in range(2):
            with pytest.raises(LookupError):
                await _ask(late)
        await late.close()

    asyncio.run(run())


async def _app(_scope: Any, receive: Any, send: Any) -> None:
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})


def test_a_server_without_its_api_ends():
    called: list[str] = []
    application = HttpApplication(
        asgi=_app, running=nullcontext, take=no_request, api=Late(_fails), connections=Connections()
    )
    server = Server(
        application,
        on_started=lambda: called.append("started"),
        on_loaded=lambda: called.append("loaded"),
        on_stopping=lambda: called.append("stopping"),
    )
    with bind("127.0.0.1", 0) as listener:
        asyncio.run(server.serve(sockets=[listener]))
    assert isinstance(server.failure, LookupError)
    assert ["started", "stopping"] == called
