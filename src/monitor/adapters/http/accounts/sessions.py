"""/api/auth: log in, renew, log out, prove who one is, and changes that users make to their own account."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any, Literal

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from monitor.adapters.http.accounts.profiles import (
    AwayBody,
    OwnProfile,
    Profile,
    QuietBody,
    absences,
    own_profile,
    profile_of,
    quiet_hours,
    with_teams,
)
from monitor.adapters.http.accounts.users import LocaleName, Text
from monitor.adapters.http.edge.authentication import (
    ANONYMOUS,
    BEFORE_PASSWORD_CHANGE,
    BEFORE_SECOND_FACTOR,
    DEVICE_COOKIE,
    FOR_TOKENS,
    NOT_FOR_TOKENS,
    cookie,
    received,
)
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LevelName, given, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.authentication import Caller
from monitor.application.accounts.log_in import LogIn, LogInByLink
from monitor.application.accounts.profile import ChangePassword, UpdateProfile
from monitor.application.accounts.proving import Reauthenticate
from monitor.application.accounts.sessions import EndSessions, LoggedIn, LogOut, Origin, RefreshSession
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, SessionId
from monitor.domain.accounts.availability import MAX_ABSENCES
from monitor.domain.accounts.sessions import DEVICE_TTL, REFRESH_TTL
from monitor.domain.errors import Unauthenticated

REFRESH_COOKIE = "monitor_refresh"
ALWAYS = BEFORE_PASSWORD_CHANGE | BEFORE_SECOND_FACTOR
"""Handler `opt`: open to users who must change their password or set up a second factor first."""
LOG_INS_AT_ONCE = 4
"""So that many log-ins leave request threads for everything else."""


class Credentials(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*code*: of the second factor, or a recovery code; asked for with 401 `code_required`."""

    username: Text
    password: Text
    code: Text | None = None


class OwnCredentials(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*code*: as at the log-in."""

    password: Text
    code: Text | None = None


class PasswordChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    old_password: Text
    new_password: Text


class ProfileChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    email: Text | UnsetType | None = UNSET
    locale: LocaleName | UnsetType = UNSET
    alert_level: LevelName | UnsetType = UNSET
    quiet: QuietBody | UnsetType | None = UNSET
    away: Annotated[list[AwayBody], Meta(max_length=MAX_ABSENCES)] | UnsetType = UNSET


class TokenOut(Struct, frozen=True, kw_only=True):
    token: str
    expires_at: str
    user: Profile


class LeftOut(Struct, frozen=True, kw_only=True):
    """*location*: where the browser goes on, to end its session at the issuer of single sign-on too."""

    location: str


class LoginLink(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    token: Text


class SessionOut(Struct, frozen=True, kw_only=True):
    """*sign_in*: how it was begun. *authenticated_at*: when its user last proved who they are;
    null if a former version opened it."""

    id: str
    sign_in: Literal["password", "passkey", "sso", "link"]
    created_at: str
    authenticated_at: str | None
    last_used_at: str
    expires_at: str
    user_agent: str
    address: str
    current: bool


class SessionController(Controller):
    path = "/auth"
    tags = ("sessions",)
    opt = NOT_FOR_TOKENS

    @post("/login", status_code=200, opt=ANONYMOUS)
    async def log_in(
        self,
        data: JSONBody[Credentials],
        origin: Part[Origin],
        log_in: Part[LogIn],
        log_in_turns: Part[asyncio.Semaphore],
        tls: Part[bool],
    ) -> Response[Envelope[TokenOut]]:
        async with log_in_turns:
            logged_in = await asyncio.to_thread(log_in, data.username, data.password, origin, data.code)
        return token_answer(logged_in, tls, "logged_in")

    @post("/login-link", status_code=200, sync_to_thread=True, opt=ANONYMOUS)
    def log_in_by_link(
        self, data: JSONBody[LoginLink], origin: Part[Origin], log_in_by_link: Part[LogInByLink], tls: Part[bool]
    ) -> Response[Envelope[TokenOut]]:
        """Log in with the token of a link that `monitor user login-link` printed. It works once."""
        return token_answer(log_in_by_link(data.token, origin), tls, "logged_in")

    @post("/refresh", status_code=200, sync_to_thread=True, opt=ANONYMOUS)
    def refresh(
        self, request: Request[Any, Any, Any], refresh_session: Part[RefreshSession], tls: Part[bool]
    ) -> Response[Envelope[TokenOut]]:
        """Return a new access token for the refresh cookie that the log-in set."""
        refresh_token = received(request).get(REFRESH_COOKIE)
        if not refresh_token:
            raise Unauthenticated
        return token_answer(refresh_session(refresh_token), tls, "fetched")

    @post("/logout", status_code=200, sync_to_thread=True, opt=ALWAYS)
    def log_out(self, actor: Part[Actor], log_out: Part[LogOut], tls: Part[bool]) -> Response[Envelope[LeftOut | None]]:
        """End all sessions and tokens of the user."""
        location = log_out(actor)
        left = None if location is None else LeftOut(location=location)
        return Response(ok(left, "logged_out"), cookies=[refresh_cookie("", timedelta(), tls)])

    @get("/me", sync_to_thread=True, opt=ALWAYS | FOR_TOKENS)
    def me(
        self, caller: Part[Caller], queries: Part[Queries], clock: Part[Clock], fleet: Part[Fleet]
    ) -> Envelope[OwnProfile]:
        fleet.refresh()
        return ok(with_teams(own_profile(caller, queries, clock.now()), fleet.directory))

    @put("/me", sync_to_thread=True)
    def update_profile(
        self,
        caller: Part[Caller],
        data: JSONBody[ProfileChange],
        update_profile: Part[UpdateProfile],
        queries: Part[Queries],
        clock: Part[Clock],
    ) -> Envelope[Profile]:
        changes = given(data, alert_level=LEVEL_OF.__getitem__, quiet=quiet_hours, away=absences)
        update_profile(caller.actor, **changes)
        return ok(own_profile(caller, queries, clock.now()), "updated")

    @post("/reauthenticate", status_code=200, sync_to_thread=True, opt=ALWAYS)
    def reauthenticate(
        self,
        caller: Part[Caller],
        data: JSONBody[OwnCredentials],
        reauthenticate: Part[Reauthenticate],
        queries: Part[Queries],
        clock: Part[Clock],
    ) -> Envelope[Profile]:
        """Prove again who you are, for changes that ask for it with 403 `reauthentication_required`."""
        at = reauthenticate(caller.actor, data.password, data.code)
        return ok(own_profile(caller, queries, clock.now(), at), "authenticated")

    @post("/change-password", status_code=200, sync_to_thread=True, opt=ALWAYS)
    def change_password(
        self,
        actor: Part[Actor],
        data: JSONBody[PasswordChange],
        origin: Part[Origin],
        change_password: Part[ChangePassword],
        tls: Part[bool],
        mail: Part[MailInForce],
        request: Request[Any, Any, Any],
    ) -> Response[Envelope[TokenOut]]:
        """Change the password. Ends all other sessions of the user; this one gets new tokens."""
        logged_in = change_password(actor, **given(data), origin=origin)
        mail.note_address(actor, request.headers.get("origin"))
        return token_answer(logged_in, tls, "password_changed")

    @get("/sessions", sync_to_thread=True)
    def sessions(self, actor: Part[Actor], queries: Part[Queries], clock: Part[Clock]) -> Envelope[list[SessionOut]]:
        """Return the caller's own sessions, the last used first."""
        found = queries.users.sessions(actor, clock.now())
        return ok([shown(SessionOut, session, current=session.id == actor.session_id) for session in found])

    @delete("/sessions", status_code=200, sync_to_thread=True)
    def end_other_sessions(self, actor: Part[Actor], end_sessions: Part[EndSessions]) -> Envelope[None]:
        """End all sessions of the caller but this one."""
        end_sessions.of_actor(actor)
        return ok(None, "deleted")

    @delete("/sessions/{session_id:str}", status_code=200, sync_to_thread=True)
    def end_session(
        self, actor: Part[Actor], session_id: FromPath[str], end_sessions: Part[EndSessions]
    ) -> Envelope[None]:
        end_sessions.one(actor, SessionId(session_id))
        return ok(None, "deleted")


def token_answer(logged_in: LoggedIn, tls: bool, message: str) -> Response[Envelope[TokenOut]]:
    user = logged_in.user
    body = shown(TokenOut, logged_in, token=logged_in.access_token, user=profile_of(logged_in))
    cookies = []
    if logged_in.device_token is not None:
        name = f"{DEVICE_COOKIE}{user.id}"
        cookies.append(cookie(name, logged_in.device_token, DEVICE_TTL, "/api/auth/login", tls=tls))
    cookies.append(refresh_cookie(logged_in.refresh_token, REFRESH_TTL, tls))
    return Response(ok(body, message), cookies=cookies)


def refresh_cookie(value: str, lifetime: timedelta, tls: bool) -> Cookie:
    return cookie(REFRESH_COOKIE, value, lifetime, "/api/auth", tls=tls)
