"""What administrators set while the product runs, in seconds and days; what they never set has its default."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from monitor.domain.errors import InvalidInput, Problem

_MOST = {"raw_days": 400, "chunk_days": 4000, "ten_minute_days": 4000, "hour_days": 36500, "audit_days": 36500}
_LONGEST_SECONDS = 30 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """*offline_after* None: as the process was configured. *…_days*: how long each tier of the history, and the audit
    log, is kept."""

    offline_after: float | None = None
    reminder_after: float = 4 * 3600
    digest_wait: float = 10
    raw_days: float = 2
    chunk_days: float = 400
    ten_minute_days: float = 90
    hour_days: float = 5 * 365
    audit_days: float = 400

    def __post_init__(self) -> None:
        problems = {}
        for field in fields(self):
            value, high = getattr(self, field.name), _most(field.name)
            if value is not None and not 1 <= value <= high:
                problems[field.name] = Problem("out_of_range", {"low": 1, "high": high})
        if problems:
            raise InvalidInput(problems)

    @staticmethod
    def of(values: Mapping[str, float]) -> "Preferences":
        """As stored. A name that this version doesn't know, or a value that it doesn't take, is passed over: better the
        default than no alerts at all."""
        known = {field.name for field in fields(Preferences)}
        return Preferences(**{n: value for n, value in values.items() if n in known and 1 <= value <= _most(n)})

    def stored(self) -> dict[str, float]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def offline_after_or(self, configured: timedelta) -> timedelta:
        """Return what an administrator chose, else as the process was *configured*."""
        return configured if self.offline_after is None else timedelta(seconds=self.offline_after)

    @property
    def samples_kept(self) -> timedelta:
        """Each by itself."""
        return timedelta(days=self.chunk_days)

    @property
    def reminder_pause(self) -> timedelta:
        return timedelta(seconds=self.reminder_after)

    @property
    def digest_pause(self) -> timedelta:
        return timedelta(seconds=self.digest_wait)


def _most(name: str) -> float:
    return _MOST.get(name, _LONGEST_SECONDS)
