"""A server that listens on `::`, and a client that comes by IPv4."""

import json
import threading
from ipaddress import ip_network
from typing import Any

import httpx
import uvicorn

from monitor.adapters.http.edge.connections import Connections
from monitor.adapters.http.edge.protocol import http_protocol
from monitor.cli.server import bind
from tests.integration.http.served import wait_until


def test_it_is_an_ipv4_client_everywhere() -> None:
    """For the application, and for who counts connections: a proxy trusted by its IPv4 address is trusted."""
    connections = Connections(trusted=[ip_network("127.0.0.0/8")])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = json.dumps([scope["client"][0], connections.known, connections.unknown]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    listener = bind("::", 0)
    config = uvicorn.Config(app, http=http_protocol(connections), lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        answer = httpx.get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    finally:
        server.should_exit = True
        thread.join(30)
    assert ["127.0.0.1", 1, 0] == answer.json()
