"""/api/auth/methods and /api/auth/oidc: ways to log in, and the one that leads through another site."""

import asyncio
import re
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.response import Redirect
from msgspec import Struct

from monitor.adapters.http.accounts.sessions import refresh_cookie
from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.authentication import ANONYMOUS, NOT_FOR_TOKENS, comes_from_elsewhere, cookie, received
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.credentials import IdentityProvider
from monitor.application.accounts.identities import PartIdentity
from monitor.application.accounts.sessions import Origin
from monitor.application.accounts.single_sign_on import BeginSignOn, FinishSignOn
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import Queries
from monitor.application.ports import Secrets
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import SignOnFailed
from monitor.domain.accounts.passkeys import Site
from monitor.domain.accounts.sessions import CHALLENGE_TTL, REFRESH_TTL
from monitor.domain.errors import Unavailable

BINDING_COOKIE = "monitor_sso"
"""A secret of the browser that began: what comes back in another browser is worth nothing."""
ARRIVED_COOKIE = "monitor_arrived"
"""Says to the screen that there is a refresh cookie, which no script can see."""
_ARRIVED = timedelta(minutes=1)
_BINDING = re.compile(r"[\w-]{32,128}", re.ASCII)
_PATH = "/api/auth/oidc"
AT_ONCE = 4
"""Log-ins that wait for the issuer; so many leave request threads for everything else."""


class SingleSignOn(Struct, frozen=True):
    """*name*: what a button says."""

    name: str


class Methods(Struct, frozen=True, kw_only=True):
    """The ways to log in here. *oidc*: null if there is no single sign-on."""

    password: bool
    oidc: SingleSignOn | None
    passkeys: bool


class Joining(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*next*: the page to come back to."""

    next: Text = "/profile"


class Location(Struct, frozen=True, kw_only=True):
    location: str


class IdentityOut(Struct, frozen=True, kw_only=True):
    """Who the caller is at the issuer, as of the last log-in."""

    username: str
    email: str | None
    created_at: str
    last_used_at: str


@get("/auth/methods", tags=("sessions",), opt=ANONYMOUS, sync_to_thread=False)
def methods(
    identity_provider: Part[IdentityProvider], takes_passwords: Part[bool], site: Part[Site]
) -> Envelope[Methods]:
    """Return the ways to log in. *passkeys*: whether browsers offer them at this address."""
    oidc = SingleSignOn(identity_provider.name) if identity_provider.issuer else None
    return ok(Methods(password=takes_passwords, oidc=oidc, passkeys=takes_passwords and site.allows_passkeys))


class SignOnController(Controller):
    path = "/auth/oidc"
    tags = ("sessions",)

    @get("/login", opt=ANONYMOUS, status_code=302)
    async def begin(
        self,
        request: Request[Any, Any, Any],
        origin: Part[Origin],
        begin_sign_on: Part[BeginSignOn],
        secrets: Part[Secrets],
        sign_on_turns: Part[asyncio.Semaphore],
        tls: Part[bool],
        next_path: Annotated[str, QueryParameter(name="next")] = "/",
        fresh: FromQuery[bool] = False,
    ) -> Redirect:
        """Lead the browser to the issuer. *fresh*: the issuer asks again who it is, even if it knows the browser.

        A link on another site leads to the log-in page instead: nobody is to be logged in by opening a page.
        """
        if comes_from_elsewhere(request):
            return _redirect("/login?" + urlencode({"next": next_path}))
        binding = _binding(request, secrets)
        try:
            async with sign_on_turns:
                address = await asyncio.to_thread(begin_sign_on, origin, binding, next_path=next_path, fresh=fresh)
        except Unavailable:
            return _refused("unavailable")
        return _redirect(address, _binding_cookie(binding, tls))

    @get("/callback", opt=ANONYMOUS, status_code=302)
    async def finish(
        self,
        request: Request[Any, Any, Any],
        origin: Part[Origin],
        finish_sign_on: Part[FinishSignOn],
        fleet: Part[Fleet],
        sign_on_turns: Part[asyncio.Semaphore],
        tls: Part[bool],
    ) -> Redirect:
        """Take the browser back from the issuer, and lead it to the page it asked for, logged in.

        After a failure it goes to `/login?error=`: denied, expired, failed, not_allowed, taken or unavailable.
        """
        answer, binding = _answer(request), received(request).get(BINDING_COOKIE, "")
        try:
            async with sign_on_turns:
                signed_on = await asyncio.to_thread(finish_sign_on, answer, binding, origin)
            await asyncio.to_thread(fleet.refresh)  # a role decides which servers a user's keys reach
        except SignOnFailed as error:
            return _refused(error.reason)
        except Unavailable:
            return _refused("unavailable")
        if signed_on.logged_in is None:
            return _redirect(signed_on.next_path)
        return _redirect(
            signed_on.next_path,
            refresh_cookie(signed_on.logged_in.refresh_token, REFRESH_TTL, tls),
            cookie(ARRIVED_COOKIE, "1", _ARRIVED, "/", tls=tls, for_scripts=True),
        )

    @get("/join", sync_to_thread=True, opt=NOT_FOR_TOKENS)
    def joined(
        self, actor: Part[Actor], queries: Part[Queries], identity_provider: Part[IdentityProvider]
    ) -> Envelope[IdentityOut | None]:
        """Return who the caller is at the issuer; null if their account is not joined."""
        found = [each for each in queries.users.identities(actor) if each.issuer == identity_provider.issuer]
        return ok(shown(IdentityOut, found[0]) if found else None)

    @post("/join", status_code=200, opt=NOT_FOR_TOKENS)
    async def join(
        self,
        request: Request[Any, Any, Any],
        actor: Part[Actor],
        origin: Part[Origin],
        begin_sign_on: Part[BeginSignOn],
        secrets: Part[Secrets],
        sign_on_turns: Part[asyncio.Semaphore],
        tls: Part[bool],
        data: JSONBody[Joining | None] = None,
    ) -> Response[Envelope[Location]]:
        """Begin to join the caller's account: the browser goes on at `location`."""
        binding, next_path = _binding(request, secrets), (data or Joining()).next
        async with sign_on_turns:
            address = await asyncio.to_thread(begin_sign_on, origin, binding, next_path=next_path, joining=actor)
        return Response(ok(Location(location=address)), cookies=[_binding_cookie(binding, tls)])

    @delete("/join", status_code=200, sync_to_thread=True, opt=NOT_FOR_TOKENS)
    def part(self, actor: Part[Actor], part_identity: Part[PartIdentity]) -> Envelope[None]:
        """Part the caller's account from single sign-on. Ends their other sessions."""
        part_identity(actor)
        return ok(None, "deleted")


def _answer(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the parameters; none where one comes twice (RFC 6749, section 3.1)."""
    pairs = list(request.query_params.multi_items())
    return dict(pairs) if len(dict(pairs)) == len(pairs) else {}


def _binding(request: Request[Any, Any, Any], secrets: Secrets) -> str:
    """Return the secret that this browser has already, so that it may begin in two tabs, or a new one."""
    held = received(request).get(BINDING_COOKIE, "")
    return held if _BINDING.fullmatch(held) else secrets.token()


def _binding_cookie(binding: str, tls: bool) -> Cookie:
    return cookie(BINDING_COOKIE, binding, CHALLENGE_TTL, _PATH, tls=tls, samesite="lax")


def _refused(slug: str) -> Redirect:
    return _redirect(f"/login?error={slug}")


def _redirect(address: str, *cookies: Cookie) -> Redirect:
    return Redirect(address, status_code=302, cookies=list(cookies))
