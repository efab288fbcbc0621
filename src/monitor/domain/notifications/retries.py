"""When a notification that could not be sent is sent again, and when it is given up."""

from datetime import datetime, timedelta

from monitor.domain.times import doubled

GIVE_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)


def next_attempt(created_at: datetime, attempts: int, failed_at: datetime) -> datetime | None:
    """Return when to send again after the failure at *failed_at*; None: give up.

    *attempts*: failures before this one. The pause doubles from FIRST_PAUSE to LONGEST_PAUSE. It gives up when both the
    notification and the series of attempts are GIVE_UP_AFTER old: a long silence or a stopped server before the first
    attempt does not count.
    """
    tried_for = sum((doubled(FIRST_PAUSE, n, LONGEST_PAUSE) for n in range(attempts)), timedelta(0))
    if min(failed_at - created_at, tried_for) >= GIVE_UP_AFTER:
        return None
    return failed_at + doubled(FIRST_PAUSE, attempts, LONGEST_PAUSE)
