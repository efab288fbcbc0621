"""Pages outside /api: the start page, and the agent's installer and program."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.fleet.agent_install import AgentFiles


class PageController(Controller):
    path = "/"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/", sync_to_thread=False)
    def start(self) -> Redirect:
        """Lead to the API's documentation. If the screen was built, `front` serves it here instead."""
        return Redirect("/schema")

    @get("/agent/install.sh", sync_to_thread=True)
    def install_script(
        self, request: Request[Any, Any, Any], agent_files: NamedDependency[AgentFiles]
    ) -> Response[str]:
        """Serve the script that the command in `GET /api/agent/install` fetches."""
        return Response(agent_files.installer(request)[1], media_type="text/x-shellscript")

    @get("/agent/monitor-agent.pyz", sync_to_thread=True)
    def bundle(self, agent_files: NamedDependency[AgentFiles]) -> Response[bytes]:
        return Response(agent_files.bundle(), media_type="application/zip")
