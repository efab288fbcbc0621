"""Ports for credentials: signed tokens, password hashes, codes, passkeys, and the issuer of single sign-on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.accounts.actors import PersonalTokenId, SessionId, UserId
from monitor.domain.accounts.identities import Identity
from monitor.domain.accounts.passkeys import Passkey, Site
from monitor.domain.accounts.users import User
from monitor.domain.errors import NotFound

MIN_SECRET_BYTES = 32
"""Of the secret that signs tokens (RFC 7518, section 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What a request proves: the content of an access token, or *token_id*, a personal token.

    With the latter *session_id* is empty.
    """

    user_id: UserId
    session_id: SessionId
    token_version: int
    expires_at: datetime
    token_id: PersonalTokenId | None = None


class AccessTokens(ABC):
    @abstractmethod
    def issue(self, claims: AccessClaims, now: datetime) -> str: ...

    @abstractmethod
    def read(self, token: str, now: datetime) -> AccessClaims:
        """Return the content. Raises Unauthenticated for a token that is expired, damaged or of another issuer."""

    @abstractmethod
    def read_of_any_age(self, token: str) -> AccessClaims:
        """Return the content, also of an expired token. Raises Unauthenticated for any other invalid one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A device where a user has logged in before. It counts for that account only."""

    user_id: UserId
    id: str


class DeviceTokens(ABC):
    @abstractmethod
    def issue(self, device: KnownDevice, expires_at: datetime) -> str: ...

    @abstractmethod
    def read(self, token: str, now: datetime) -> KnownDevice | None:
        """Return None for a token that is expired, damaged or of another issuer."""


class RefreshTokens(ABC):
    """Tokens that renew a session. With the server's secret each token gives the next, so a repeated call returns the
    same one."""

    @abstractmethod
    def first(self, session_id: SessionId) -> str: ...

    @abstractmethod
    def following(self, token: str) -> str:
        """Return the token that replaces the valid *token*."""

    @abstractmethod
    def session_of(self, token: str) -> SessionId | None:
        """Return None for a token that is damaged or of another issuer."""


class OneTimeCodes(ABC):
    """The codes of authenticator apps (RFC 6238: SHA-1, 6 digits, 30 seconds)."""

    @abstractmethod
    def code(self, secret: str, step: int) -> str:
        """Return the code of *secret* (base32) at the period *step* since 1970."""

    @abstractmethod
    def uri(self, secret: str, username: str) -> str:
        """Return the otpauth:// address that an app takes over."""

    @abstractmethod
    def drawn(self, uri: str) -> str:
        """Return a QR code as SVG."""


class PasswordHasher(ABC):
    """Password hashes, slow on purpose: call it outside a unit of work and off the event loop."""

    @abstractmethod
    def hash(self, password: str) -> str: ...

    @abstractmethod
    def verify(self, password: str, password_hash: str | None) -> bool:
        """Return False if *password_hash* is None (no such user) or empty (an account without a password), after the
        time that a wrong password takes."""


Answer = Mapping[str, object]
"""What a browser returns for a passkey, as JSON (Web Authentication Level 3, section 5.1)."""
Options = dict[str, object]
"""What a browser is given to ask the device, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an answer says, before it is verified. *user_handle*: empty for a new passkey."""

    challenge: str
    credential_id: bytes
    user_handle: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a device tells of a new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


class PasskeyProtocol(ABC):
    """Web Authentication. Devices must verify their user, and keep the passkey so that no name need be typed."""

    @abstractmethod
    def creation_options(
        self, site: Site, challenge: str, *, user: User, user_handle: bytes, known: Sequence[Passkey]
    ) -> Options:
        """Return what the browser needs for a new passkey. *known*: devices with one of these make no other."""

    @abstractmethod
    def request_options(self, site: Site, challenge: str) -> Options:
        """Return what the browser needs for a log-in with any passkey of the site."""

    @abstractmethod
    def claim(self, answer: Answer) -> Claim:
        """Raises InvalidPasskey if the answer has not the form of one."""

    @abstractmethod
    def created(self, answer: Answer, site: Site, challenge: str) -> Credential:
        """Verify the answer to `creation_options`. Raises InvalidPasskey."""

    @abstractmethod
    def signed(self, answer: Answer, site: Site, challenge: str, public_key: bytes) -> int:
        """Verify the answer to `request_options`, and return the number of the signature. Raises InvalidPasskey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """What we remember of a log-in that goes on at the issuer. *state*, *nonce*, *verifier*: random.

    *fresh*: the person must prove who they are now, even if the issuer knows the browser.
    """

    state: str
    nonce: str
    verifier: str
    begun_at: datetime
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The issuer's word. *authenticated_at*: when the person proved who they are; None if the issuer does not say."""

    identity: Identity
    id_token: str
    authenticated_at: datetime | None = None


class IdentityProvider(ABC):
    """An issuer. *name*: what the button says. *issuer*: "" where there is no single sign-on."""

    name: str
    issuer: str

    @abstractmethod
    def begin(self, sign_on: SignOn) -> str:
        """Return the address to send the browser to. Raises IssuerUnavailable."""

    @abstractmethod
    def finish(self, answer: Mapping[str, str], sign_on: SignOn, now: datetime) -> Proof:
        """Return who it is, for the parameters with which the browser came back.

        Raises SignOnFailed, IssuerUnavailable.
        """

    @abstractmethod
    def log_out_address(self, id_token: str | None) -> str | None:
        """Return where the browser ends its session at the issuer; None if the issuer offers that not, or is down."""


class _NoProvider(IdentityProvider):
    name = issuer = ""

    def begin(self, sign_on: SignOn) -> str:
        raise NotFound

    def finish(self, answer: Mapping[str, str], sign_on: SignOn, now: datetime) -> Proof:
        raise NotFound

    def log_out_address(self, id_token: str | None) -> str | None:
        return None


NO_PROVIDER: IdentityProvider = _NoProvider()
"""Of a server without single sign-on."""
