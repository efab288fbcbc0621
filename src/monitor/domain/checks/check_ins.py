"""Check-ins: jobs that report that they ran, and are missed if they do not."""

from enum import StrEnum


class CheckInState(StrEnum):
    """As stored. An `UP` one that is due is shown as late until its grace has passed."""

    NEW = "new"
    UP = "up"
    DOWN = "down"
    PAUSED = "paused"


class PingKind(StrEnum):
    SUCCESS = "success"
    START = "start"
    FAIL = "fail"
