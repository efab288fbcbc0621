"""The issuer of single sign-on, by OpenID Connect."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard
from urllib.parse import quote_plus, urlencode

import structlog

from monitor.adapters.oidc.client import OidcClient
from monitor.adapters.oidc.discovery import Kept, Keys, Metadata, discovered
from monitor.adapters.oidc.id_token import LEEWAY, Claims, checked_claims, header_of, is_moment
from monitor.adapters.oidc.web import Web
from monitor.application.accounts.credentials import IdentityProvider, Proof, SignOn
from monitor.application.ports import Clock
from monitor.domain.accounts.errors import IssuerUnavailable, SignOnFailed
from monitor.domain.accounts.identities import Identity
from monitor.domain.errors import InvalidInput

log = structlog.get_logger()

LONGEST_HINT = 6_000
"""Characters of an ID token that fits the address of a log-out."""
_DENIED = {"access_denied", "consent_required", "interaction_required", "login_required", "account_selection_required"}
_DOWN = {"server_error", "temporarily_unavailable"}
_CODE = re.compile(r"[a-z_]{1,64}")


class OidcProvider(IdentityProvider):
    def __init__(self, client: OidcClient, clock: Clock, web: Web | None = None) -> None:
        self.name = client.name
        self.issuer = client.issuer
        self._client = client
        self._clock = clock
        self._web = web or Web()
        self._metadata = Kept(lambda _: discovered(self._web, client.issuer))
        self._keys = Keys(self._web, lambda now: self._metadata.get(now).keys)

    def begin(self, sign_on: SignOn) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_address,
            "scope": self._client.scopes,
            "state": sign_on.state,
            "nonce": sign_on.nonce,
            "code_challenge": _challenge(sign_on.verifier),
            "code_challenge_method": "S256",
        }
        if sign_on.fresh:
            asked |= {"prompt": "login", "max_age": "0"}
        return _with_query(self._known(sign_on.begun_at).authorization, asked)

    def finish(self, answer: Mapping[str, str], sign_on: SignOn, now: datetime) -> Proof:
        metadata = self._known(now)
        if answer.get("iss", None if metadata.names_itself else self.issuer) != self.issuer:
            raise SignOnFailed(why="another issuer answered (iss)")
        if "error" in answer:
            raise _refusal(answer["error"])
        if not answer.get("code"):
            raise SignOnFailed(why="the issuer sent no code")
        try:
            return self._redeemed(metadata, answer["code"], sign_on, now)
        except IssuerUnavailable as error:
            log.warning("single sign-on failed", error=str(error))
            raise

    def log_out_address(self, id_token: str | None) -> str | None:
        try:
            address = self._known(self._clock.now()).end_session
        except IssuerUnavailable:
            return None
        if address is None:
            return None
        hint = {"id_token_hint": id_token} if id_token and len(id_token) <= LONGEST_HINT else {}
        left = {"client_id": self._client.client_id, "post_logout_redirect_uri": self._client.left_address}
        return _with_query(address, hint | left)

    def _known(self, now: datetime) -> Metadata:
        try:
            return self._metadata.get(now)
        except IssuerUnavailable as error:
            log.warning("single sign-on is unavailable", error=str(error))
            raise

    def _redeemed(self, metadata: Metadata, code: str, sign_on: SignOn, now: datetime) -> Proof:
        id_token, access_token = self._tokens(metadata, code, sign_on)
        claims = checked_claims(
            id_token,
            self._keys.find(header_of(id_token), now),
            issuer=self.issuer,
            client_id=self._client.client_id,
            nonce=sign_on.nonce,
            access_token=access_token,
            now=now,
        )
        proved_at = _proved_at(claims, sign_on)
        claims = self._completed(metadata, claims, access_token)
        return Proof(identity=self._identity(claims), id_token=id_token, authenticated_at=proved_at)

    def _tokens(self, metadata: Metadata, code: str, sign_on: SignOn) -> tuple[str, str]:
        client = self._client
        # RFC 6749, section 2.3.1: both are form-encoded first.
        pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
        status, found = self._web.ask(
            metadata.token,
            form={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": client.redirect_address,
                "code_verifier": sign_on.verifier,
            },
            headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
        )
        id_token, access_token = found.get("id_token"), found.get("access_token")
        if status != 200:
            raise SignOnFailed(why=f"the issuer gave no tokens: {_shown(found.get('error'))}")
        if not _is_token(id_token) or not _is_token(access_token):
            raise SignOnFailed(why="the issuer gave no tokens")
        return id_token, access_token

    def _completed(self, metadata: Metadata, claims: Claims, access_token: str) -> Claims:
        """Return the claims. If a wanted one is missing, add what userinfo says."""
        wanted = (self._client.username_claim, self._client.groups_claim, "email", "email_verified")
        if metadata.userinfo is None or all(name in claims for name in wanted):
            return claims
        status, found = self._web.ask(metadata.userinfo, headers={"Authorization": f"Bearer {access_token}"})
        if status != 200:
            raise SignOnFailed(why=f"the issuer's userinfo answered with status {status}")
        if found.get("sub") != claims["sub"]:
            raise SignOnFailed(why="the issuer's userinfo is about somebody else")
        return {**found, **claims, "email_verified": _is_verified(claims, found)}

    def _identity(self, claims: Claims) -> Identity:
        try:
            return Identity(
                issuer=self.issuer,
                subject=claims["sub"],
                username=_text(claims, self._client.username_claim) or claims["sub"],
                email=_text(claims, "email"),
                email_verified=claims.get("email_verified") is True,
                groups=_groups(claims.get(self._client.groups_claim)),
            )
        except InvalidInput:
            raise SignOnFailed(why="the issuer's subject is not valid") from None


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _is_token(value: object) -> TypeGuard[str]:
    """Return whether it may be sent in a header (RFC 6749, appendix A.12)."""
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _refusal(code: str) -> SignOnFailed | IssuerUnavailable:
    if code in _DENIED:
        return SignOnFailed("denied", _shown(code))
    if code in _DOWN:
        return IssuerUnavailable(code)
    return SignOnFailed(why=f"the issuer refused: {_shown(code)}")


def _shown(code: object) -> str:
    """Return an error code of OAuth; nothing else that the issuer or a visitor sends is written down."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "without a reason"


def _proved_at(claims: Claims, sign_on: SignOn) -> datetime | None:
    """Return when the person proved who they are. Raises SignOnFailed if that had to be just now and was not."""
    found = claims.get("auth_time")
    if not is_moment(found):
        if sign_on.fresh:
            raise SignOnFailed(why="the issuer does not say when the person proved who they are (auth_time)")
        return None
    proved_at = datetime.fromtimestamp(found, UTC)
    if sign_on.fresh and proved_at < sign_on.begun_at - timedelta(seconds=LEEWAY):
        raise SignOnFailed(why="the person proved who they are too long ago (auth_time)")
    return proved_at


def _is_verified(claims: Claims, userinfo: Claims) -> bool:
    """Return whether each `email_verified` claim about this address is true, and there is one."""
    email = claims.get("email", userinfo.get("email"))
    said = [each.get("email_verified") for each in (claims, userinfo) if each.get("email", email) == email]
    return [one for one in said if one is not None] != [] and all(one in (True, None) for one in said)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _groups(claim: object) -> frozenset[str]:
    """Return the names of a list, or of one group. Anything else counts as none."""
    names = [claim] if isinstance(claim, str) else claim if isinstance(claim, list) else []
    return frozenset(name for name in names if isinstance(name, str))
