"""/api/settings: what administrators set while the product runs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from litestar import Controller, get, put
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from monitor.adapters.http.accounts.users import LocaleName
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import given, only_one, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.preferences import ChangePreferences
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.errors import InvalidInput
from monitor.domain.preferences import MAX_LAST_RESORT, MAX_METRIC_NAME, MAX_METRICS, PROMETHEUS_NAME, Preferences

Number = Annotated[float, Meta(ge=1)]
PrometheusName = Annotated[str, Meta(pattern=rf"^{PROMETHEUS_NAME}\Z", max_length=MAX_METRIC_NAME)]
PolicyName = Literal["optional", "admins", "everyone"]
_POLICIES = {policy.name.lower(): policy for policy in SecondFactorPolicy}


class RetentionOut(Struct, frozen=True, kw_only=True):
    """In days: raw samples, compressed samples, rollups of 10 minutes and of 1 hour, the audit log."""

    raw_days: float
    chunk_days: float
    ten_minute_days: float
    hour_days: float
    audit_days: float


class LastResort(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A person or a channel: one of the two."""

    user_id: Id | None = None
    channel_id: Id | None = None


class SettingsOut(Struct, frozen=True, kw_only=True):
    """Times in seconds, except *retention*. *second_factor*: who must have one. *prometheus_metrics*: names of metrics
    that are kept of what Prometheus sends, beside those of node-exporter. *default_locale*: the language of what is
    sent to people and channels whose own is not known. *ack_expires*: null: an acknowledgement lasts until the end.
    *last_resort*: who is notified when an escalation reaches nobody; empty: all administrators."""

    offline_after: float
    reminder_after: float
    ack_expires: float | None
    last_resort: list[LastResort]
    digest_wait: float
    second_factor: PolicyName
    prometheus_metrics: Sequence[str]
    default_locale: LocaleName
    retention: RetentionOut


class RetentionChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    raw_days: Number | UnsetType = UNSET
    chunk_days: Number | UnsetType = UNSET
    ten_minute_days: Number | UnsetType = UNSET
    hour_days: Number | UnsetType = UNSET
    audit_days: Number | UnsetType = UNSET


class SettingsChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    offline_after: Number | UnsetType = UNSET
    reminder_after: Number | UnsetType = UNSET
    ack_expires: Number | UnsetType | None = UNSET
    last_resort: Annotated[list[LastResort], Meta(max_length=MAX_LAST_RESORT)] | UnsetType = UNSET
    digest_wait: Number | UnsetType = UNSET
    second_factor: PolicyName | UnsetType = UNSET
    prometheus_metrics: Annotated[list[PrometheusName], Meta(max_length=MAX_METRICS)] | UnsetType = UNSET
    default_locale: LocaleName | UnsetType = UNSET
    retention: RetentionChange = RetentionChange()


class SettingsController(Controller):
    path = "/settings"
    tags = ("administration",)
    guards = (admins_only,)

    @get("/", sync_to_thread=True)
    def read(self, fleet: Part[Fleet], configured_offline_after: Part[timedelta]) -> Envelope[SettingsOut]:
        fleet.refresh()
        return ok(_out(fleet.directory.preferences, configured_offline_after))

    @put("/", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        data: JSONBody[SettingsChange],
        change_preferences: Part[ChangePreferences],
        fleet: Part[Fleet],
        configured_offline_after: Part[timedelta],
    ) -> Envelope[SettingsOut]:
        """Change what is given."""
        kept = given(data.retention)
        policy = _POLICIES.__getitem__
        changes = given(data, second_factor=policy, prometheus_metrics=_each_once, last_resort=_last_resort) | kept
        del changes["retention"]
        try:
            preferences = change_preferences(actor, changes)
        except InvalidInput as error:
            nested = {name: f"retention.{name}" for name in kept}
            raise InvalidInput({nested.get(name, name): found for name, found in error.problems.items()}) from None
        fleet.refresh()  # the next sample is kept or refused by the new retention
        return ok(_out(preferences, configured_offline_after), "updated")


def _each_once(names: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _last_resort(given: list[LastResort]) -> tuple[tuple[str, int], ...]:
    """Raises InvalidInput."""
    chosen = (only_one(each, "last_resort") for each in given)
    return tuple(dict.fromkeys((name.removesuffix("_id"), id_) for name, id_ in chosen))


def _out(preferences: Preferences, configured_offline_after: timedelta) -> SettingsOut:
    chosen = preferences.offline_after
    offline_after = configured_offline_after.total_seconds() if chosen is None else chosen
    policy = preferences.second_factor.name.lower()
    retention = shown(RetentionOut, preferences)
    own = {"offline_after": offline_after, "second_factor": policy, "retention": retention}
    last_resort = [LastResort(**{f"{kind}_id": id_}) for kind, id_ in preferences.last_resort]
    return shown(SettingsOut, preferences, last_resort=last_resort, **own)
