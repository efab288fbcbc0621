"""/api/tokens: the caller's personal tokens."""

from functools import partial
from typing import Literal

from litestar import Controller, Response, delete, get, post
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import NOT_FOR_TOKENS
from monitor.adapters.http.edge.bodies import PageLimit, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.personal_tokens import CreateToken, RevokeToken
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor, PersonalTokenId
from monitor.domain.accounts.personal_tokens import TokenScope

ScopeName = Literal["read", "write", "wallboard"]


class PersonalTokenOut(Struct, frozen=True, kw_only=True):
    """*prefix* is how the token begins; *token*, all of it, comes once, with creation. *expires_at* null: never.

    *last_used_at*, *last_address* follow a use within a minute.
    """

    id: int
    name: str
    prefix: str
    scope: ScopeName
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    last_address: str | None
    token: str | UnsetType = UNSET


class NewPersonalToken(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*scope* `read`: GET alone; `wallboard`: `/api/fleet/wallboard` alone. *expires_at*: within ten years; never, if
    left out."""

    name: Text
    scope: ScopeName
    expires_at: Text | None = None


class PersonalTokenController(Controller):
    path = "/tokens"
    tags = ("tokens",)
    opt = NOT_FOR_TOKENS

    @get("/", sync_to_thread=True)
    def list_tokens(
        self, actor: Part[Actor], queries: Part[Queries], limit: PageLimit = None, cursor: FromQuery[str | None] = None
    ) -> Response[Envelope[list[PersonalTokenOut]]]:
        """Return the caller's own tokens; a page with `limit`. An expired one stays until it is deleted."""
        tokens = queries.personal_tokens.all(actor, after=cursors.to_id(cursor), limit=one_more(limit))
        return paged(tokens, limit, partial(shown, PersonalTokenOut, token=UNSET))

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self, actor: Part[Actor], data: JSONBody[NewPersonalToken], create_token: Part[CreateToken]
    ) -> Envelope[PersonalTokenOut]:
        """Create a token that may do what its owner may. With the scope `write` the log-in must be fresh."""
        expires_at = None if data.expires_at is None else times.parsed(data.expires_at, "expires_at")
        token, text = create_token(actor, name=data.name, scope=TokenScope(data.scope), expires_at=expires_at)
        return ok(shown(PersonalTokenOut, token, token=text), "created")

    @delete("/{token_id:int}", status_code=200, sync_to_thread=True)
    def revoke(self, actor: Part[Actor], token_id: PathId, revoke_token: Part[RevokeToken]) -> Envelope[None]:
        """It is taken no more as soon as this is answered; open streams end within two seconds."""
        revoke_token(actor, PersonalTokenId(token_id))
        return ok(None, "deleted")
