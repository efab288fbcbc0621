"""Passkeys: keys on people's devices that log them in. One is both factors: the device, and what unlocks it."""

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import NewType
from urllib.parse import urlsplit

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import PasskeysUnavailable
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import checked_name

PasskeyId = NewType("PasskeyId", int)

MOST_PASSKEYS = 20
"""Of one person."""
MAX_PASSKEY_NAME = 100
_LONGEST_CREDENTIAL_ID = 1023
"""Bytes (Web Authentication Level 3, section 4, "Credential ID")."""
_LONGEST_KEY = 2048
"""Bytes of a public key: RSA with 8192 bits takes half of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of a user, who gave it its *name*.

    *user_handle*: random bytes by which the device knows the account. *sign_count*: the device's number of its last
    signature; 0 if it does not count. *cloned_at*: when a second device with the same key was noticed. From then on
    it logs nobody in.
    """

    user_id: UserId
    name: str
    user_handle: bytes
    credential_id: bytes
    public_key: bytes
    sign_count: int
    created_at: datetime
    transports: tuple[str, ...] = ()
    last_used_at: datetime | None = None
    cloned_at: datetime | None = None
    id: PasskeyId = PasskeyId(0)  # 0 until stored

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_passkey_name(self.name))
        if not (0 < len(self.credential_id) <= _LONGEST_CREDENTIAL_ID and 0 < len(self.public_key) <= _LONGEST_KEY):
            raise InvalidInput({"credential": Problem("invalid_passkey")})

    @property
    def is_usable(self) -> bool:
        return self.cloned_at is None

    def used(self, sign_count: int, now: datetime) -> "Passkey":
        """Return the passkey after a valid signature with the number *sign_count*.

        A device that counts gives each signature a greater number. One that is not greater comes from a copy: the
        passkey is then returned as cloned.
        """
        counts = sign_count > 0 or self.sign_count > 0
        if self.is_usable and counts and sign_count <= self.sign_count:
            return replace(self, cloned_at=now)
        return replace(self, sign_count=sign_count, last_used_at=now)


def checked_passkey_name(name: str) -> str:
    """Raises InvalidInput."""
    return checked_name("name", name, longest=MAX_PASSKEY_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where people reach this server. *origin*: scheme, host and port, as browsers write it."""

    origin: str

    @property
    def host(self) -> str:
        """The name that passkeys belong to."""
        return urlsplit(self.origin).hostname or ""

    @property
    def allows_passkeys(self) -> bool:
        """Return whether browsers offer passkeys here: over HTTPS or on localhost, and not under an IP address."""
        try:
            ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost" or self.host.endswith(".localhost")
        return False

    def must_allow_passkeys(self) -> None:
        """Raises PasskeysUnavailable."""
        if not self.allows_passkeys:
            raise PasskeysUnavailable
