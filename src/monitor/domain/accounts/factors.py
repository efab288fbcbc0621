"""Second factors: codes of an authenticator app (RFC 6238), recovery codes, and who must have a second factor."""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum

from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.sessions import SignIn

STEP_SECONDS = 30
DRIFT = 1
"""By how many steps the clock of an authenticator may differ (RFC 6238, section 5.2)."""
DIGITS = 6
SECRET_CHARACTERS = 32
"""Of base32: 160 bits, as RFC 4226, section 4, recommends."""
RECOVERY_CODES = 10
_RECOVERY_CHARACTERS = 24
"""Of base32: 120 bits, so that a plain digest is safe to store (OWASP ASVS 5.0, 6.5.2)."""
_GROUP = 4


class SecondFactorPolicy(IntEnum):
    """Who must have a second factor."""

    OPTIONAL = 1
    ADMINS = 2
    EVERYONE = 3

    @staticmethod
    def of(rank: float | str | None) -> "SecondFactorPolicy":
        """Return the stored policy; OPTIONAL if there is none, or one that this version does not know."""
        return next((policy for policy in SecondFactorPolicy if policy == rank), SecondFactorPolicy.OPTIONAL)

    def demands_of(self, role: Role) -> bool:
        return self is self.EVERYONE or (self is self.ADMINS and role is Role.ADMIN)

    def locks_out(self, role: Role, sign_in: SignIn, *, has_factor: bool) -> bool:
        """Return whether a session may do nothing but set up a second factor.

        With single sign-on the issuer asks for factors.
        """
        return self.demands_of(role) and sign_in is not SignIn.SSO and not has_factor


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFactors:
    """The second factors that an account has. *passkeys*: how many are usable."""

    has_totp: bool = False
    recovery_codes_left: int = 0
    passkeys: int = 0

    @property
    def is_any(self) -> bool:
        return self.has_totp or self.passkeys > 0


CodeOf = Callable[[str, int], str]
"""Returns the code that a secret gives at a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totp:
    """The secret of an authenticator app, in base32. *secret*: None if it cannot be decrypted.

    *confirmed_at*: None until a first code was right. *last_step*: of the last code that was taken.
    """

    user_id: UserId
    secret: str | None = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0

    @property
    def is_on(self) -> bool:
        return self.confirmed_at is not None

    def after(self, code: str, now: datetime, code_of: CodeOf) -> "Totp | None":
        """Return the state after *code* was taken, or None if it is wrong, or not newer than the last one taken."""
        step = int(now.timestamp()) // STEP_SECONDS
        if self.secret is None or not is_totp_code(code):
            return None
        for candidate in range(step - DRIFT, step + DRIFT + 1):
            if candidate > self.last_step and hmac.compare_digest(code_of(self.secret, candidate), code):
                return replace(self, last_step=candidate)
        return None


def as_compared(code: str) -> str:
    """Return a code as it is compared: without spaces and hyphens, in lower case, full-width digits as usual ones."""
    return "".join(c for c in unicodedata.normalize("NFKC", code).lower() if not c.isspace() and c != "-")


def is_totp_code(code: str) -> bool:
    """Return whether it has the form of an authenticator's code. Any other code may be a recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def totp_secret(token: str) -> str:
    """Return a new secret, made of a random token."""
    return _base32(token, SECRET_CHARACTERS).upper()


def recovery_code(token: str) -> str:
    """Return a new recovery code such as "k3mp-7q2a-…", made of a random token."""
    code = _base32(token, _RECOVERY_CHARACTERS)
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def recovery_digest(code: str) -> bytes:
    """*code*: as written or as typed."""
    return hashlib.sha256(as_compared(code).encode("utf-8", "surrogatepass")).digest()


def _base32(token: str, characters: int) -> str:
    return base64.b32encode(hashlib.sha256(token.encode()).digest()).decode().lower()[:characters]
