"""/api/api-keys"""

from functools import partial

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.bodies import Id, PageLimit, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged, shown
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.servers import ServerId


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
        self,
        actor: NamedDependency[Actor],
        queries: NamedDependency[Queries],
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[ApiKeyOut]]]:
        """All of servers that the caller may see, and for administrators of fleets; a page with `limit`."""
        keys = queries.api_keys.all(actor, after=cursors.to_id(cursor), limit=one_more(limit))
        return paged(keys, limit, partial(shown, ApiKeyOut, key=UNSET))

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self, actor: NamedDependency[Actor], data: JSONBody[NewApiKey], create_api_key: NamedDependency[CreateApiKey]
    ) -> Envelope[ApiKeyOut]:
        server_id = None if data.server_id is None else ServerId(data.server_id)
        key, text = create_api_key(actor, name=data.name, server_id=server_id)
        return ok(shown(ApiKeyOut, key, key=text), "created")

    @delete("/{key_id:int}", status_code=200, sync_to_thread=True)
    def revoke(
        self,
        actor: NamedDependency[Actor],
        key_id: PathId,
        revoke_api_key: NamedDependency[RevokeApiKey],
        fleet: NamedDependency[Fleet],
    ) -> Envelope[None]:
        """It is taken no more as soon as this is answered."""
        revoke_api_key(actor, ApiKeyId(key_id))
        fleet.refresh()
        return ok(None, "deleted")
