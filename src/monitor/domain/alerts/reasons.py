"""Why somebody was notified of an alert or not, in one word, as it is stored with each decision."""

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """NOT_LINKED: does not see the server. NO_ADDRESS: has none, or it was refused. HELD: by the quiet rule. PENDING:
    the breach did not last long enough yet, or the notification still waits. OK: nothing fired, or it was over before
    anybody was notified."""

    NOTIFIED = "told"
    BELOW_LEVEL = "below_level"
    NO_ADDRESS = "no_address"
    SILENCED = "silenced"
    ACKNOWLEDGED = "acknowledged"
    HELD = "held"
    NOT_LINKED = "not_linked"
    PENDING = "pending"
    OK = "ok"


class LeftOut(NamedTuple):
    """User or channel (one of the two) that an event was not for, though they would see the server."""

    reason: Reason
    user_id: int | None = None
    channel_id: int | None = None
