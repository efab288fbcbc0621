"""Why somebody was notified of an alert or not, in one word, as it is stored with each decision."""

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """NOT_LINKED: does not see the server. NO_ADDRESS: has none, or it was refused. HELD: by the quiet rule. PENDING:
    the breach did not last long enough yet, or the notification still waits. OK: nothing fired, or it was over before
    anybody was notified. NOT_ON_CALL: of a rota that a step names, but not on call. STEP_NOT_DUE: a later step names
    them. UNREACHABLE: a step names them, and none of their ways takes the level. AWAY: it would be their turn.
    QUIET_HOURS: of their own; one message follows at the end. SUPPRESSED_BY: what it depends on is down.
    PENDING_PARENT: what it depends on may be down. AMENDED: another message about its incident stands for it.
    LATER_WAY: by a way that goes out later; stored as PENDING."""

    NOTIFIED = "told"
    BELOW_LEVEL = "below_level"
    NO_ADDRESS = "no_address"
    SILENCED = "silenced"
    ACKNOWLEDGED = "acknowledged"
    HELD = "held"
    NOT_LINKED = "not_linked"
    PENDING = "pending"
    OK = "ok"
    NOT_ON_CALL = "not_on_call"
    STEP_NOT_DUE = "step_not_due"
    UNREACHABLE = "unreachable"
    AWAY = "away"
    QUIET_HOURS = "quiet_hours"
    SUPPRESSED_BY = "suppressed_by"
    PENDING_PARENT = "pending_parent"
    AMENDED = "amended"
    LATER_WAY = "later_way"


PARENTS = (Reason.SUPPRESSED_BY, Reason.PENDING_PARENT)


class LeftOut(NamedTuple):
    """User or channel (one of the two) that an event was not for, though they would see the server."""

    reason: Reason
    user_id: int | None = None
    channel_id: int | None = None
