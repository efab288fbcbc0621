"""The agent that `monitor up` runs for its own host."""

import os
import socket
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

from monitor.application.fleet.api_keys import CreateApiKey
from monitor.application.fleet.servers import CreateServer
from monitor.cli.core import first_admin
from monitor.container import Container
from monitor.domain.fleet.api_keys import digest
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.servers import Server
from monitor.settings import Settings
from monitor.settings.kept_secrets import kept_secret

ADDRESS = "127.0.0.1"
_KEY_FILE = "local-agent-key"
_INTERVAL = 5
_STOP_SECONDS = 2


def start_agent(key: str, settings: Settings) -> subprocess.Popen[bytes]:
    """Start the agent as a child process."""
    environment = {
        **os.environ,
        "API_URL": own_url(settings.host, settings.port),
        "API_KEY": key,
        "INTERVAL": str(_INTERVAL),
        "AGENT_SPOOL": str(settings.data_dir / "local-agent.spool"),
    }
    command = [sys.executable, "-m", "monitor.adapters.agent.child"]
    # The child ends when this pipe closes, even if this process is killed by kill -9.
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)  # noqa: S603 - our own


def stop_agent(agent: subprocess.Popen[bytes]) -> None:
    with agent:  # closes the pipe and waits for the end
        agent.terminate()
        try:
            agent.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            agent.kill()


def own_url(host: str, port: int) -> str:
    """Return the URL at which this machine reaches a server that listens on *host*."""
    try:
        address = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        address = ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"


def register_this_host(container: Container) -> tuple[Server, str]:
    """Return this host's server and a key for its agent: those of the last start if they still exist, else new ones.

    The server belongs to the first administrator, who may rename it or change its address.
    """
    key_file = container.settings.data_dir / _KEY_FILE
    if (known := _known(container, key_file)) is not None:
        return known
    actor = first_admin(container, "monitor up")
    try:
        server = container.get(CreateServer)(actor, name=socket.gethostname() or "localhost", ip_address=ADDRESS)
    except AddressTaken:
        with container.uow() as uow:
            server = uow.servers.by_addresses([ADDRESS])[0]
    key_file.unlink(missing_ok=True)
    _, text = container.get(CreateApiKey)(actor, name="agent of this host", server_id=server.id)
    return server, kept_secret(key_file, text)


def _known(container: Container, key_file: Path) -> tuple[Server, str] | None:
    """Return what the last start registered, found by its key because name and address may have changed."""
    try:
        kept = key_file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    container.fleet.refresh()
    directory = container.fleet.directory
    key = directory.keys.get(digest(kept))
    server = None if key is None or key.server_id is None else directory.servers.get(key.server_id)
    return None if server is None else (server, kept)
