"""How long a connection may take for what it is doing. Looked at once a second: a timer for each would cost more."""

from dataclasses import dataclass
from enum import Enum
from math import inf


class Phase(Enum):
    """What a connection waits for."""

    SILENT = "its first byte"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    BUSY = "this server"
    SENDING = "the client, to read its answer"
    KEPT = "another request"


LONGEST = {
    Phase.SILENT: 10,
    Phase.HEAD: 10,
    Phase.BODY: 30,
    Phase.BUSY: inf,
    Phase.SENDING: 30,
    Phase.KEPT: 75,
}
"""Seconds. A kept connection outlives the pause between two samples, or the agent would lose one."""
SLOWEST = 1000
"""Bytes a second: a body, or an answer, that moves so fast may take longer."""


@dataclass(slots=True)
class Pace:
    """For how many looks a connection has been doing the same, for the same request."""

    phase: Phase = Phase.SILENT
    request: object = None
    looks: int = 0
    moved: int = 0

    def is_late(self, phase: Phase, request: object, moved: int = 0) -> bool:
        """Call once a second. *moved*: bytes of a body or an answer since the last look.

        Counts looks and reads no clock: while this process stands still, nobody is late.
        """
        if phase is not self.phase or request is not self.request:
            self.phase, self.request, self.looks, self.moved = phase, request, 0, 0
            return False
        self.looks += 1
        self.moved += moved
        return self.looks > LONGEST[phase] + self.moved / SLOWEST
