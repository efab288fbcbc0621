"""Preferences: settings that administrators change while the server runs, in seconds and days."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.errors import InvalidInput, Problem

_MAXIMA = {
    "second_factor": 3,
    "raw_days": 400,
    "chunk_days": 4000,
    "ten_minute_days": 4000,
    "hour_days": 36500,
    "audit_days": 36500,
}
_LONGEST_SECONDS = 30 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Settings with their defaults. *offline_after* None: the configured value of the process. *…_days*: how long
    each tier of the history, and the audit log, is kept. *second_factor*: who must have one."""

    offline_after: float | None = None
    reminder_after: float = 4 * 3600
    digest_wait: float = 10
    raw_days: float = 2
    chunk_days: float = 400
    ten_minute_days: float = 90
    hour_days: float = 5 * 365
    audit_days: float = 400
    second_factor: SecondFactorPolicy = SecondFactorPolicy.OPTIONAL

    def __post_init__(self) -> None:
        problems = {}
        for field in fields(self):
            value, high = getattr(self, field.name), _maximum(field.name)
            if value is not None and not 1 <= value <= high:
                problems[field.name] = Problem("out_of_range", {"low": 1, "high": high})
        if problems:
            raise InvalidInput(problems)

    @staticmethod
    def of(values: Mapping[str, float]) -> "Preferences":
        """Return stored preferences. Ignores unknown names and wrong values: a default is better than no alerts."""
        known = {field.name for field in fields(Preferences)} - {"second_factor"}
        numbers = {n: value for n, value in values.items() if n in known and 1 <= value <= _maximum(n)}
        return Preferences(**numbers, second_factor=SecondFactorPolicy.of(values.get("second_factor")))

    def stored(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items() if value is not None}

    def audit_details(self) -> dict[str, object]:
        """Return the values that the audit log shows."""
        return asdict(self) | {"second_factor": self.second_factor.name.lower()}

    def offline_after_or(self, configured: timedelta) -> timedelta:
        """Return the value that an administrator chose, else the *configured* one."""
        return configured if self.offline_after is None else timedelta(seconds=self.offline_after)

    @property
    def samples_kept(self) -> timedelta:
        """How long every single sample is kept."""
        return timedelta(days=self.chunk_days)

    def kept_for(self, width: int) -> timedelta:
        """Return how long rollups of *width* seconds are kept; 0: samples."""
        return timedelta(days={0: self.chunk_days, 600: self.ten_minute_days}.get(width, self.hour_days))

    @property
    def reminder_pause(self) -> timedelta:
        return timedelta(seconds=self.reminder_after)

    @property
    def digest_pause(self) -> timedelta:
        return timedelta(seconds=self.digest_wait)


def _maximum(name: str) -> float:
    return _MAXIMA.get(name, _LONGEST_SECONDS)
