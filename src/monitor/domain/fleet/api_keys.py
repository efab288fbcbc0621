"""Keys of agents: for one server, or for a fleet."""

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
    """Key of an agent, stored as its digest. *server_id*: None for a fleet key, which reaches the servers that its
    owner may see. *owner_id*: None once the owner is deleted; then only administrators' fleet keys are kept, and reach
    every server."""

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
    """Return the text of a new key. *secret*: at least 32 random characters."""
    return (FLEET_KEY_PREFIX if server_id is None else SERVER_KEY_PREFIX) + secret


def shown_prefix(text: str) -> str:
    """Return the start of a key: enough to recognise it in a list, too little to use it."""
    return text[: len(SERVER_KEY_PREFIX) + _SHOWN]


def digest(text: str) -> bytes:
    """Return the SHA-256 of a key. Keys are long and random, so a slow hash would only slow down intake."""
    return hashlib.sha256(text.encode()).digest()
