"""Preferences: settings that administrators change while the server runs, in seconds and days."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.accounts.users import DEFAULT_LOCALE, LOCALES, UNKNOWN_LOCALE, locale_or_default
from monitor.domain.errors import InvalidInput, Problem

_MAXIMA = {
    "second_factor": 3,
    "raw_days": 400,
    "chunk_days": 4000,
    "ten_minute_days": 4000,
    "hour_days": 36500,
    "audit_days": 36500,
}
_NAMES, _LOCALE, _LAST_RESORT = "prometheus_metrics", "default_locale", "last_resort"
_TEXTS = frozenset({_NAMES, _LOCALE, _LAST_RESORT})
_ACK_EXPIRES, _FOUR_HOURS, _NEVER = "ack_expires", 4 * 3600.0, "never"
MAX_METRICS, MAX_METRIC_NAME = 100, 200
MAX_LAST_RESORT = 50
PROMETHEUS_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
"""A regular expression."""
_LONGEST_SECONDS = 30 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Settings with their defaults. *offline_after* None: the configured value of the process. *…_days*: how long
    each tier of the history, and the audit log, is kept. *second_factor*: who must have one. *prometheus_metrics*: what
    is kept of other exporters than node-exporter, as names of Prometheus. *default_locale*: the language of what is
    sent to people and channels whose own is not known. *ack_expires*: after an acknowledgement; None: never.
    *last_resort*: who is notified if an escalation reaches nobody, as ("user" or "channel", id); nobody:
    administrators."""

    offline_after: float | None = None
    reminder_after: float = 4 * 3600
    ack_expires: float | None = _FOUR_HOURS
    last_resort: tuple[tuple[str, int], ...] = ()
    digest_wait: float = 10
    raw_days: float = 2
    chunk_days: float = 400
    ten_minute_days: float = 90
    hour_days: float = 5 * 365
    audit_days: float = 400
    second_factor: SecondFactorPolicy = SecondFactorPolicy.OPTIONAL
    prometheus_metrics: tuple[str, ...] = ()
    default_locale: str = DEFAULT_LOCALE

    def __post_init__(self) -> None:
        problems = _problems_of_metrics(self.prometheus_metrics)
        if self.default_locale not in LOCALES:
            problems[_LOCALE] = UNKNOWN_LOCALE
        if len(self.last_resort) > MAX_LAST_RESORT:
            problems[_LAST_RESORT] = Problem("too_many", {"limit": MAX_LAST_RESORT})
        for field in fields(self):
            if field.name in _TEXTS:
                continue
            value, high = getattr(self, field.name), _maximum(field.name)
            if value is not None and not 1 <= value <= high:
                problems[field.name] = Problem("out_of_range", {"low": 1, "high": high})
        if problems:
            raise InvalidInput(problems)

    @staticmethod
    def of(values: Mapping[str, float | str]) -> "Preferences":
        """Return stored preferences, without unknown names and wrong values: a default is better than no alerts."""
        known = {field.name for field in fields(Preferences)} - {"second_factor", _ACK_EXPIRES, *_TEXTS}
        numbers = {
            name: value
            for name, value in values.items()
            if name in known and not isinstance(value, str) and 1 <= value <= _maximum(name)
        }
        return Preferences(
            **numbers,
            second_factor=SecondFactorPolicy.of(values.get("second_factor")),
            prometheus_metrics=_metrics(values.get(_NAMES)),
            default_locale=locale_or_default(values.get(_LOCALE)),
            ack_expires=_ack_expires(values.get(_ACK_EXPIRES)),
            last_resort=_last_resort(values.get(_LAST_RESORT)),
        )

    def stored(self) -> dict[str, float | str]:
        named = " ".join(f"{kind}:{id_}" for kind, id_ in self.last_resort)
        texts = {_NAMES: "\n".join(self.prometheus_metrics), _LOCALE: self.default_locale, _LAST_RESORT: named}
        if self.ack_expires is None:
            texts[_ACK_EXPIRES] = _NEVER
        numbers = {name: value for name, value in asdict(self).items() if value is not None and name not in _TEXTS}
        return {name: float(value) for name, value in numbers.items()} | texts

    def audit_details(self) -> dict[str, object]:
        """Return the values that the audit log shows."""
        return asdict(self) | {
            "second_factor": self.second_factor.name.lower(),
            _NAMES: ", ".join(self.prometheus_metrics),
            _LAST_RESORT: ", ".join(f"{kind} {id_}" for kind, id_ in self.last_resort),
        }

    def offline_after_or(self, configured: timedelta) -> timedelta:
        """Return the value that an administrator chose, else the *configured* one."""
        return configured if self.offline_after is None else timedelta(seconds=self.offline_after)

    @property
    def samples_kept(self) -> timedelta:
        """How long every single sample is kept."""
        return timedelta(days=self.chunk_days)

    def kept_for(self, width: int) -> timedelta:
        """Return how long rollups of *width* seconds are kept; 0: samples.

        Those of hours and more as long as anything finer: charts of more than a week are made of them.
        """
        days = {0: self.chunk_days, 600: self.ten_minute_days}
        return timedelta(days=days.get(width) or max(self.hour_days, *days.values()))

    @property
    def reminder_pause(self) -> timedelta:
        return timedelta(seconds=self.reminder_after)

    @property
    def digest_pause(self) -> timedelta:
        return timedelta(seconds=self.digest_wait)


def _ack_expires(stored: float | str | None) -> float | None:
    if stored == _NEVER:
        return None
    return stored if isinstance(stored, float) and 1 <= stored <= _LONGEST_SECONDS else _FOUR_HOURS


def _last_resort(stored: float | str | None) -> tuple[tuple[str, int], ...]:
    found = re.findall(r"\b(user|channel):(\d{1,18})(?!\d)", stored) if isinstance(stored, str) else []
    return tuple((kind, int(id_)) for kind, id_ in found[:MAX_LAST_RESORT])


def _metrics(stored: float | str | None) -> tuple[str, ...]:
    names = tuple(stored.split("\n")) if isinstance(stored, str) and stored else ()
    return () if _problems_of_metrics(names) else names


def _problems_of_metrics(names: Collection[str]) -> dict[str, Problem]:
    if len(names) > MAX_METRICS:
        return {_NAMES: Problem("too_many", {"limit": MAX_METRICS})}
    if any(len(name) > MAX_METRIC_NAME for name in names):
        return {_NAMES: Problem("too_long", {"limit": MAX_METRIC_NAME})}
    if not all(re.fullmatch(PROMETHEUS_NAME, name) for name in names):
        return {_NAMES: Problem("invalid_metric_name")}
    return {}


def _maximum(name: str) -> float:
    return _MAXIMA.get(name, _LONGEST_SECONDS)
