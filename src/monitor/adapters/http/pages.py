"""What is served outside /api: the start page, and what puts an agent on a host."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from monitor.adapters.http.authentication import ANONYMOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFiles:
    """*install_script* takes the server's address as hosts reach it (ValueError where it is none); *bundle* is the
    whole agent in one file."""

    install_script: Callable[[str], str]
    bundle: Callable[[], bytes]
    base_url: str | None


class PageController(Controller):
    path = "/"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/", sync_to_thread=False)
    def start(self) -> Redirect:
        """Where a screen was built, it stands here instead (see `front.py`)."""
        return Redirect("/schema")

    @get("/agent/install.sh", sync_to_thread=False)
    def install_script(
        self, request: Request[Any, Any, Any], agent_files: NamedDependency[AgentFiles]
    ) -> Response[str]:
        """`curl -fsSL …/agent/install.sh | sudo API_KEY=… sh`"""
        address = agent_files.base_url or str(request.base_url).rstrip("/")
        try:
            script = agent_files.install_script(address)
        except ValueError:  # the client's Host header is no address
            raise HTTPException(status_code=400) from None
        return Response(script, media_type="text/x-shellscript")

    @get("/agent/monitor-agent.pyz", sync_to_thread=True)
    def bundle(self, agent_files: NamedDependency[AgentFiles]) -> Response[bytes]:
        return Response(agent_files.bundle(), media_type="application/zip")
