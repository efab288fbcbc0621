"""Keys of agents (/api/api-keys), their installation (/api/agent), and the pages outside /api.

A command fetches the installer, checks its checksum and runs it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from litestar import Controller, Request, Response, delete, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.bodies import Id, PageLimit, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.servers import AgentInfo, Server, ServerId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFiles:
    """*install_script* and *install_command* take the server's address as hosts reach it (ValueError if invalid);
    *bundle* is the whole agent in one file, of *version*."""

    install_script: Callable[[str], str]
    install_command: Callable[[str], str]
    bundle: Callable[[], bytes]
    version: str
    mail: MailInForce

    def installer(self, request: Request[Any, Any, Any]) -> tuple[str, str]:
        """Return the server's address as hosts reach it, and the script. Raises HTTPException for a bad Host header."""
        address = self.mail.base_url or str(request.base_url).rstrip("/")
        try:
            return address, self.install_script(address)
        except ValueError:  # the client's Host header is no address
            raise HTTPException(status_code=400) from None


class AgentInstallOut(Struct, frozen=True, kw_only=True):
    """*address*: the server's, as hosts reach it. *sha256*: of `install.sh` as it is served there. *command* fetches
    that, compares it and runs it; it asks for the key. Run again it updates an agent to *version*, and keeps its
    settings. *old*: how many of the caller's servers have an older agent; `GET /api/agent/old` lists them."""

    address: str
    sha256: str
    command: str
    version: str
    old: int


class OldAgentOut(Struct, frozen=True, kw_only=True):
    """*version*: null for an agent that is too old to say."""

    server_id: int
    server_name: str
    version: str | None
    os: str


@get("/agent/install", tags=("api keys",), sync_to_thread=True)
def install(
    request: Request[Any, Any, Any], actor: Part[Actor], fleet: Part[Fleet], agent_files: Part[AgentFiles]
) -> Envelope[AgentInstallOut]:
    """The line that installs or updates the agent on a host. Over plain http its checksum proves nothing."""
    address, script = agent_files.installer(request)
    return ok(
        AgentInstallOut(
            address=address,
            sha256=sha256(script.encode()).hexdigest(),
            command=agent_files.install_command(address),
            version=agent_files.version,
            old=sum(1 for _ in _old_agents(actor, fleet, agent_files.version)),
        )
    )


@get("/agent/old", tags=("api keys",), sync_to_thread=True)
def old_agents(
    actor: Part[Actor],
    fleet: Part[Fleet],
    agent_files: Part[AgentFiles],
    limit: PageLimit = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[OldAgentOut]]]:
    """The caller's servers whose agent is older than the one that this server hands out, by id; a page of them with
    `limit`. The line of `GET /api/agent/install` updates them."""
    after = cursors.to_id(cursor) or 0
    found = sorted((s.id, s, agent) for s, agent in _old_agents(actor, fleet, agent_files.version) if s.id > after)
    rows = [
        OldAgentOut(server_id=id_, server_name=server.name, version=agent.version or None, os=agent.system)
        for id_, server, agent in found[: one_more(limit)]
    ]
    return paged(rows, limit, lambda row: row, lambda last: cursors.of_numbers(last.server_id))


def _old_agents(actor: Actor, fleet: Fleet, version: str) -> Iterator[tuple[Server, AgentInfo]]:
    for server in fleet.visible_to(actor).servers:
        if (agent := fleet.agent_of(server)) is not None and agent.is_older_than(version):
            yield server, agent


class PageController(Controller):
    path = "/"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/", sync_to_thread=False)
    def start(self) -> Redirect:
        """Lead to the API's documentation. If the screen was built, `front` serves it here instead."""
        return Redirect("/schema")

    @get("/agent/install.sh", sync_to_thread=True)
    def install_script(self, request: Request[Any, Any, Any], agent_files: Part[AgentFiles]) -> Response[str]:
        """Serve the script that the command in `GET /api/agent/install` fetches."""
        return Response(agent_files.installer(request)[1], media_type="text/x-shellscript")

    @get("/agent/monitor-agent.pyz", sync_to_thread=True)
    def bundle(self, agent_files: Part[AgentFiles]) -> Response[bytes]:
        return Response(agent_files.bundle(), media_type="application/zip")


class ApiKeyOut(Struct, frozen=True, kw_only=True):
    """*server_id* null: a fleet key. *prefix* is how the key begins; *key*, all of it, comes once, with creation."""

    id: int
    name: str
    prefix: str
    server_id: int | None
    owner_id: int | None
    created_at: str
    last_used_at: str | None
    key: str | UnsetType = UNSET


class NewApiKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Text
    server_id: Id | None = None


class ApiKeyController(Controller):
    path = "/api-keys"
    tags = ("api keys",)

    @get("/", sync_to_thread=True)
    def list_keys(
        self, actor: Part[Actor], queries: Part[Queries], limit: PageLimit = None, cursor: FromQuery[str | None] = None
    ) -> Response[Envelope[list[ApiKeyOut]]]:
        """All of servers that the caller may see, and for administrators of fleets; a page with `limit`."""
        keys = queries.api_keys.all(actor, after=cursors.to_id(cursor), limit=one_more(limit))
        return paged(keys, limit, partial(shown, ApiKeyOut, key=UNSET))

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self, actor: Part[Actor], data: JSONBody[NewApiKey], create_api_key: Part[CreateApiKey]
    ) -> Envelope[ApiKeyOut]:
        server_id = None if data.server_id is None else ServerId(data.server_id)
        key, text = create_api_key(actor, name=data.name, server_id=server_id)
        return ok(shown(ApiKeyOut, key, key=text), "created")

    @delete("/{key_id:int}", status_code=200, sync_to_thread=True)
    def revoke(
        self, actor: Part[Actor], key_id: PathId, revoke_api_key: Part[RevokeApiKey], fleet: Part[Fleet]
    ) -> Envelope[None]:
        """It is taken no more as soon as this is answered."""
        revoke_api_key(actor, ApiKeyId(key_id))
        fleet.refresh()
        return ok(None, "deleted")
