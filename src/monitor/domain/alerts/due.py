"""Samples that are to be evaluated anew."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import WatchKey


class Cause(StrEnum):
    """Why stored samples of a server are to be evaluated anew.

    LATE: some came after newer ones. EDITED: the policy changed while its alert fired or was pending. OWED: they waited
    for a line or range.
    """

    LATE = "late"
    EDITED = "edited"
    OWED = "owed"


class DueEvaluation(NamedTuple):
    """Samples from *since* on are to be evaluated anew. *watched*: what one policy watches; "" for all of the server.

    *noted_at*, *last_noted_at*: when that was first and last written. *version*: 0 until stored; another one with each
    change, also after it was deleted.
    """

    server_id: ServerId
    cause: Cause
    since: datetime
    noted_at: datetime
    last_noted_at: datetime
    watched: WatchKey = ""
    version: int = 0
