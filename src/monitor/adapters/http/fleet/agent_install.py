"""Installation of the agent: a command that fetches the installer, checks its checksum and runs it."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from msgspec import Struct

from monitor.adapters.http.edge.envelope import Envelope, ok


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFiles:
    """*install_script* and *install_command* take the server's address as hosts reach it (ValueError if invalid);
    *bundle* is the whole agent in one file."""

    install_script: Callable[[str], str]
    install_command: Callable[[str], str]
    bundle: Callable[[], bytes]
    base_url: str | None

    def installer(self, request: Request[Any, Any, Any]) -> tuple[str, str]:
        """Return the server's address as hosts reach it, and the script. Raises HTTPException for a bad Host header."""
        address = self.base_url or str(request.base_url).rstrip("/")
        try:
            return address, self.install_script(address)
        except ValueError:  # the client's Host header is no address
            raise HTTPException(status_code=400) from None


class AgentInstallOut(Struct, frozen=True, kw_only=True):
    """*address*: the server's, as hosts reach it. *sha256*: of `install.sh` as it is served there. *command* fetches
    that, compares it and runs it; it asks for the key."""

    address: str
    sha256: str
    command: str


@get("/agent/install", tags=("api keys",), sync_to_thread=True)
def install(request: Request[Any, Any, Any], agent_files: NamedDependency[AgentFiles]) -> Envelope[AgentInstallOut]:
    """The line that installs the agent on a host. Over plain http its checksum proves nothing."""
    address, script = agent_files.installer(request)
    digest = sha256(script.encode()).hexdigest()
    return ok(AgentInstallOut(address=address, sha256=digest, command=agent_files.install_command(address)))
