"""The agent that `monitor up` runs for its own host: a child process that ends with its parent, however that ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from monitor.cli.first_run import kept_secret
from monitor.container import Container
from monitor.domain.actors import Actor, Role, UserId
from monitor.domain.api_keys import digest
from monitor.domain.errors import AddressTaken
from monitor.domain.servers import Server

ADDRESS = "127.0.0.1"
_KEY_FILE = "local-agent-key"
_INTERVAL = 5


class LocalAgent:
    def __init__(self, key: str, port: int, data_dir: Path) -> None:
        self._environment = {
            **os.environ,
            "API_URL": f"http://{ADDRESS}:{port}",
            "API_KEY": key,
            "INTERVAL": str(_INTERVAL),
            "AGENT_SPOOL": str(data_dir / "local-agent.spool"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "monitor.cli.local_agent"]
        # The child reads this pipe: it ends when the parent does, even by kill -9.
        self._process = subprocess.Popen(command, env=self._environment, stdin=subprocess.PIPE)  # noqa: S603 - our own

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            if self._process.stdin is not None:
                self._process.stdin.close()


def register_this_host(container: Container) -> tuple[Server, str]:
    """This host among the servers, and a key for its agent; both as they were at the last start, where they still are.

    It belongs to the first administrator, who may rename or delete it.
    """
    actor = _first_admin(container)
    try:
        server = container.create_server()(actor, name=socket.gethostname() or "localhost", ip_address=ADDRESS)
    except AddressTaken:
        with container.uow() as uow:
            server = uow.servers.by_addresses([ADDRESS])[0]
    key_file = container.settings().data_dir / _KEY_FILE
    fleet = container.fleet()
    fleet.refresh()
    if key_file.exists():
        kept = key_file.read_text().strip()
        known = fleet.directory.keys.get(digest(kept))
        if known is not None and known.server_id == server.id:
            return server, kept
        key_file.unlink()
    _, text = container.create_api_key()(actor, name="agent of this host", server_id=server.id)
    return server, kept_secret(key_file, text)


def _first_admin(container: Container) -> Actor:
    everyone = Actor(user_id=UserId(0), username="monitor up", role=Role.ADMIN)
    admin = next(user for user in container.queries().users.all(everyone) if user.role is Role.ADMIN)
    return Actor(user_id=admin.id, username="monitor up", role=Role.ADMIN)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from monitor.adapters.agent.main import main

    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main([]))
