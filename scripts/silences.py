"""Write cases of recurring silences, which the screen's tests have to answer as the domain does.

The form of a silence shows when it will be active while it is typed, so the screen computes that itself. A unit test
compares the file with the domain.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from itertools import product
from random import Random

from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Recurrence, Silence
from scripts.screen_copies import lines, write

NUMBER = 150
WHOLE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
WEEKDAYS = ([6], [5, 6], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6])
STARTS = (time(0), time(1, 30), time(2), time(2, 30), time(22))
LASTS = tuple(map(timedelta, (0, 0, 0, 1), (1_800, 7_200, 14_400, 0)))
# Sundays on which the clocks of one of these zones change, and one on which none does.
SUNDAYS = tuple(
    datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 8), (3, 29), (4, 5), (6, 7), (10, 4), (10, 25))
)
HOURS = (-20, 0, 1, 6, 13)


def texts() -> dict[str, str]:
    """The text of the file by its path below frontend/src."""
    start, end = map(_written, WHOLE)
    text = (
        "/** Made by scripts/silences.py from the domain. */\n\n"
        "/** Weekdays, start, seconds, zone and the time now, of a silence of a year; then its window. */\n"
        f'export const YEAR = {{ starts_at: "{start}", ends_at: "{end}" }}\n'
        f"export const WINDOWS = [\n{lines(_rows())}] as const\n"
    )
    return {"testing/silenceCases.ts": text}


def _rows() -> Iterable[object]:
    every = list(product(WEEKDAYS, STARTS, LASTS, ZONES, SUNDAYS, HOURS))
    chosen = Random(1).sample(every, NUMBER)  # noqa: S311 (a choice of cases, not a secret)
    skipped = product(([6],), (time(2), time(2, 30)), LASTS, ZONES[2:], SUNDAYS, (-20,))  # as clocks go forward
    for weekdays, starts, lasts, zone, sunday, hours in (*chosen, *skipped):
        now = sunday + timedelta(hours=hours)
        recurrence = Recurrence(weekdays=frozenset(weekdays), starts=starts, lasts=lasts, zone=zone)
        silence = Silence(
            scope=Scope(), starts_at=WHOLE[0], ends_at=WHOLE[1], reason="", created_at=now, recurrence=recurrence
        )
        begin, end = silence.span(now) or WHOLE
        yield weekdays, f"{starts:%H:%M}", lasts.total_seconds(), zone, _written(now), _written(begin), _written(end)


def _written(at: datetime) -> str:
    """As the API writes times."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


if __name__ == "__main__":
    write(texts())
