"""/api/alert-policies/backtest"""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LevelName, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.policies.policies import NewPolicy
from monitor.application.fleet.fleet import Fleet
from monitor.application.hindsight.backtest import MAX_DAYS, Backtests
from monitor.application.hindsight.backtest_result import Backtest
from monitor.domain.accounts.actors import Actor
from monitor.domain.hindsight.comparison import Comparison
from monitor.domain.times import moment


class BacktestIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    policy: NewPolicy
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] = 7


class DayOut(Struct, frozen=True):
    date: str
    count: int


class ServerCount(Struct, frozen=True):
    """*server_id*: of a policy on what checks measure, the id of the check."""

    server_id: int
    count: int
    firing_seconds: float


class EpisodeOut(Struct, frozen=True, kw_only=True):
    """Alert that the policy would have caused. *server_id*: as in `ServerCount`. *resolved_at* null: it would still
    fire."""

    server_id: int
    level: LevelName
    fired_at: str
    resolved_at: str | None
    value: float


class SweepOut(Struct, frozen=True, kw_only=True):
    """What a neighbour of the policy, or the policy itself, would have caused. It differs in one value.

    *usual_margin*: the `clear_margin` that its thresholds have by default.
    *messages*: how often people would have been notified that an alert fires or is worse. *long_lost*: how many alerts
    of the policy that lasted more than an hour it misses. *median_delay*: by how many seconds it fires later than the
    policy in those; null: there are none.
    """

    warning: float | None
    critical: float | None
    sustained_for: float
    clear_margin: float
    usual_margin: float
    total: int
    messages: int
    escalations: int
    reminders: int
    ended_within_hour: int
    long_lost: int
    median_delay: float | None

    @staticmethod
    def of(found: Comparison) -> "SweepOut":
        policy = found.neighbour.policy
        varied = {name: getattr(policy, name) for name in ("warning", "critical", "clear_margin")}
        usual = policy.kind.usual_margin(policy)
        return shown(SweepOut, found, **varied, usual_margin=usual, sustained_for=policy.sustained_for.total_seconds())


class PeakOut(Struct, frozen=True, kw_only=True):
    at: str
    value: float


class VerdictsOut(Struct, frozen=True, kw_only=True):
    """Of the alerts of this metric in the period that somebody called useful or noise, how many the policy would also
    have caused, and how many not."""

    useful_kept: int
    useful_lost: int
    noise_kept: int
    noise_removed: int


class BacktestOut(Struct, frozen=True, kw_only=True):
    """*alerts*: the newest thousand. *already_firing*: number of alerts that fired before the period; the other fields
    leave them out. *reminders*: as if nobody acknowledged. *sweep*: the policy itself first, then its neighbours.
    *quietest*: the place in *sweep* of the one with the fewest messages that misses no alert of over an hour;
    null: there is no sweep. *peaks*: the highest value of any server in each hour, or in each few hours of a long
    period (for a policy on low values: the lowest)."""

    total: int
    already_firing: int
    escalations: int
    reminders: int
    ended_within_hour: int
    firing_seconds: float
    per_day: list[DayOut]
    servers: list[ServerCount]
    alerts: list[EpisodeOut]
    sweep: list[SweepOut]
    quietest: int | None
    peaks: list[PeakOut]
    verdicts: VerdictsOut

    @staticmethod
    def of(found: Backtest) -> "BacktestOut":
        return shown(
            BacktestOut,
            found,
            per_day=[DayOut(date, count) for date, count in found.per_day],
            servers=[ServerCount(server_id, count, seconds) for server_id, count, seconds in found.servers],
            alerts=[
                shown(
                    EpisodeOut,
                    alert,
                    fired_at=times.written(moment(alert.fired_at)),
                    resolved_at=None if alert.ended_at is None else times.written(moment(alert.ended_at)),
                )
                for alert in found.alerts
            ],
            sweep=[SweepOut.of(each) for each in found.sweep],
            peaks=[PeakOut(at=times.written(moment(at)), value=value) for at, value in found.peaks],
            verdicts=shown(VerdictsOut, found.verdicts),
        )


class JobOut(Struct, frozen=True, kw_only=True):
    job_id: str


class ProgressOut(Struct, frozen=True, kw_only=True):
    """*progress*: from 0 to 1. *result*: null until it is 1. *error*: the reason, if it failed."""

    progress: float
    result: BacktestOut | None
    error: str | None


class BacktestController(Controller):
    path = "/alert-policies/backtest"
    tags = ("alerts",)

    @post("/", status_code=200, sync_to_thread=True)
    def start(
        self, actor: Part[Actor], data: JSONBody[BacktestIn], backtests: Part[Backtests], fleet: Part[Fleet]
    ) -> Envelope[BacktestOut | JobOut]:
        """Count the alerts that a policy would have caused. For many servers or days, this starts a job."""
        found = backtests.start(actor, data.policy.to_domain(fleet.visible_to(actor)), data.days)
        return ok(JobOut(job_id=found) if isinstance(found, str) else BacktestOut.of(found))

    @get("/{job_id:str}", sync_to_thread=True)
    def progress(self, actor: Part[Actor], job_id: FromPath[str], backtests: Part[Backtests]) -> Envelope[ProgressOut]:
        job = backtests.get(actor, job_id)
        result = None if job.result is None else BacktestOut.of(job.result)
        return ok(shown(ProgressOut, job, result=result))

    @delete("/{job_id:str}", status_code=200, sync_to_thread=True)
    def cancel(self, actor: Part[Actor], job_id: FromPath[str], backtests: Part[Backtests]) -> Envelope[None]:
        backtests.cancel(actor, job_id)
        return ok(None, "deleted")
