"""/api/auth/passkeys: passkeys of the caller, and log-ins with one.

Options are named and written as browsers take them (Web Authentication Level 3). Handlers take the `site` that
`provide_site` provides; `site.allows_passkeys` says whether browsers offer passkeys there.
"""

from typing import Any, Literal
from urllib.parse import urlsplit

from litestar import Controller, Request, Response, delete, get, post
from litestar.params import JSONBody
from msgspec import UNSET, Struct, UnsetType, convert

from monitor.adapters.http.accounts.profiles import Profile, own_profile
from monitor.adapters.http.accounts.sessions import TokenOut, token_answer
from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.authentication import ANONYMOUS, BEFORE_SECOND_FACTOR, NOT_FOR_TOKENS, from_here_only
from monitor.adapters.http.edge.bodies import PathId
from monitor.adapters.http.edge.client_address import is_over_tls
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.authentication import Caller
from monitor.application.accounts.passkey_login import BeginPasskeyLogin, LogInWithPasskey, ReauthenticateWithPasskey
from monitor.application.accounts.passkeys import AddPasskey, BeginPasskey, RemovePasskey
from monitor.application.accounts.sessions import Origin
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.passkeys import PasskeyId, Site

OWN = {**NOT_FOR_TOKENS, **BEFORE_SECOND_FACTOR}
_PORTS = {"http": 80, "https": 443}


class PasskeyAnswer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*credential*: the JSON form of the browser's PublicKeyCredential."""

    credential: dict[str, Any]


class NewPasskey(PasskeyAnswer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Text


class PasskeyOut(Struct, frozen=True, kw_only=True):
    """*cloned_at*: when a copy of it was noticed. It logs nobody in since."""

    id: int
    name: str
    created_at: str
    last_used_at: str | None
    cloned_at: str | None


class RelyingParty(Struct, frozen=True, kw_only=True):
    id: str
    name: str


class PasskeyUser(Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    name: str
    display_name: str


class KeyAlgorithm(Struct, frozen=True, kw_only=True):
    type: Literal["public-key"]
    alg: int


class KnownPasskey(Struct, frozen=True, kw_only=True):
    type: Literal["public-key"]
    id: str
    transports: list[str] | UnsetType = UNSET


class DeviceSelection(Struct, frozen=True, kw_only=True, rename="camel"):
    resident_key: Literal["required"]
    require_resident_key: bool
    user_verification: Literal["required"]


class PasskeyCreationOptions(Struct, frozen=True, kw_only=True, rename="camel"):
    """For navigator.credentials.create(): PublicKeyCredentialCreationOptionsJSON."""

    rp: RelyingParty
    user: PasskeyUser
    challenge: str
    pub_key_cred_params: list[KeyAlgorithm]
    timeout: int
    exclude_credentials: list[KnownPasskey]
    authenticator_selection: DeviceSelection
    attestation: Literal["none"]


class PasskeyRequestOptions(Struct, frozen=True, kw_only=True, rename="camel"):
    """For navigator.credentials.get(): PublicKeyCredentialRequestOptionsJSON. Any passkey of the site will do."""

    challenge: str
    timeout: int
    rp_id: str
    allow_credentials: list[KnownPasskey]
    user_verification: Literal["required"]


class PasskeyController(Controller):
    path = "/auth/passkeys"
    tags = ("passkeys",)

    @get("/", sync_to_thread=True, opt=OWN)
    def list_passkeys(self, actor: Part[Actor], queries: Part[Queries]) -> Envelope[list[PasskeyOut]]:
        """Return the caller's own passkeys, oldest first: 20 at most."""
        return ok([shown(PasskeyOut, passkey) for passkey in queries.users.passkeys(actor)])

    @post("/options", status_code=200, sync_to_thread=True, opt=OWN)
    def begin(
        self, actor: Part[Actor], site: Part[Site], begin_passkey: Part[BeginPasskey]
    ) -> Envelope[PasskeyCreationOptions]:
        """Return what the browser needs to make a passkey. It is good once, for 10 minutes."""
        return ok(convert(begin_passkey(actor, site), PasskeyCreationOptions))

    @post("/", status_code=200, sync_to_thread=True, opt=OWN)
    def add(
        self, actor: Part[Actor], site: Part[Site], data: JSONBody[NewPasskey], add_passkey: Part[AddPasskey]
    ) -> Envelope[PasskeyOut]:
        """Store the passkey that the browser made with the options."""
        passkey = add_passkey(actor, site, name=data.name, answer=data.credential)
        return ok(shown(PasskeyOut, passkey), "created")

    @delete("/{passkey_id:int}", status_code=200, sync_to_thread=True, opt=NOT_FOR_TOKENS)
    def remove(self, actor: Part[Actor], passkey_id: PathId, remove_passkey: Part[RemovePasskey]) -> Envelope[None]:
        """Remove a passkey, and end all other sessions of the caller."""
        remove_passkey(actor, PasskeyId(passkey_id))
        return ok(None, "deleted")

    @post("/login/options", status_code=200, sync_to_thread=True, opt=ANONYMOUS, guards=(from_here_only,))
    def begin_login(
        self, site: Part[Site], origin: Part[Origin], begin_passkey_login: Part[BeginPasskeyLogin]
    ) -> Envelope[PasskeyRequestOptions]:
        """Return what the browser needs to ask for a passkey. It is good once, for 10 minutes."""
        return ok(convert(begin_passkey_login(site, origin), PasskeyRequestOptions))

    @post("/login", status_code=200, sync_to_thread=True, opt=ANONYMOUS)
    def log_in(
        self,
        site: Part[Site],
        origin: Part[Origin],
        data: JSONBody[PasskeyAnswer],
        log_in_with_passkey: Part[LogInWithPasskey],
        tls: Part[bool],
    ) -> Response[Envelope[TokenOut]]:
        """Log in with any passkey of the site. No code is asked for."""
        return token_answer(log_in_with_passkey(site, data.credential, origin), tls, "logged_in")

    @post("/reauthenticate", status_code=200, sync_to_thread=True, opt=OWN)
    def reauthenticate(
        self,
        caller: Part[Caller],
        site: Part[Site],
        origin: Part[Origin],
        data: JSONBody[PasskeyAnswer],
        reauthenticate_with_passkey: Part[ReauthenticateWithPasskey],
        queries: Part[Queries],
        clock: Part[Clock],
    ) -> Envelope[Profile]:
        """Confirm who the session's user is. The options are those of a log-in."""
        at = reauthenticate_with_passkey(caller.actor, site, data.credential, origin)
        return ok(own_profile(caller, queries, clock.now(), at), "authenticated")


def provide_site(request: Request[Any, Any, Any], configured_base_url: Part[str | None]) -> Site:
    """Return the site of a request: that of *configured_base_url*, or the host (which was checked) that it names."""
    if configured_base_url is not None:
        return site_of(configured_base_url)
    scheme = "https" if is_over_tls(request.scope) else "http"
    return site_of(f"{scheme}://{request.headers.get('host', '')}")


def site_of(address: str) -> Site:
    """Return the site of a web address: in lower case, without path and default port, as browsers write origins."""
    parts = urlsplit(address.lower())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port
    shown_port = "" if port is None or port == _PORTS[parts.scheme] else f":{port}"
    return Site(origin=f"{parts.scheme}://{host}{shown_port}")
