"""The ticks of cron expressions, as Debian's cron would run them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from monitor.application.checks.ports import Schedules
from monitor.domain.errors import InvalidInput, Problem


class CronSchedules(Schedules):
    def next_after(self, schedule: str, timezone: str, at: datetime) -> datetime:
        try:
            for tick in CronSim(schedule, at.astimezone(ZoneInfo(timezone))):
                # Within an hour that clocks repeat, it also gives the first of both times.
                if (found := tick.astimezone(UTC)) > at:
                    return found
        except CronSimError:
            pass
        raise InvalidInput({"schedule": Problem("invalid_schedule")})
