"""Keys that agents present: one server's, or a fleet's."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.text import checked_name

ApiKeyId = NewType("ApiKeyId", int)

MAX_KEY_NAME = 100
SERVER_KEY_PREFIX = "mk_"
FLEET_KEY_PREFIX = "mf_"
_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """*server_id* None makes it a fleet key: it reaches the servers that its owner may see.

    Only the digest is kept. A key whose owner was deleted goes on working as before: *owner_id* is None then. Of fleet
    keys only an administrator's outlives its owner, and reaches every server.
    """

    name: str
    digest: bytes
    prefix: str
    created_at: datetime
    id: ApiKeyId = ApiKeyId(0)  # 0 until stored
    server_id: ServerId | None = None
    owner_id: UserId | None = None
    last_used_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_KEY_NAME))


def key_text(secret: str, server_id: ServerId | None) -> str:
    """What the person copies; *secret* is at least 32 random characters."""
    return (FLEET_KEY_PREFIX if server_id is None else SERVER_KEY_PREFIX) + secret


def shown_prefix(text: str) -> str:
    """Enough of a key to tell it from another in a list, too little to use it."""
    return text[: len(SERVER_KEY_PREFIX) + _SHOWN]


def digest(text: str) -> bytes:
    """A plain SHA-256: a key is random and long, so a slow hash would add nothing but time to every sample."""
    return hashlib.sha256(text.encode()).digest()
