"""/api/alerts/explain: what a policy saw at a moment, and why each person and channel was notified or not."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from litestar import get
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from monitor.adapters.http.alerts.shown_alerts import ids_of
from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.bodies import QueryId, as_query
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVELS, LevelName, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.policies.policies import KindName, PolicyOut
from monitor.adapters.http.policies.silences import SilenceOut
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.hindsight.explained_people import Recipient
from monitor.application.hindsight.explaining import ExplainAlert, Explanation
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.policies.kinds.known import KINDS, kind_named

DeliveryName = Literal["pending", "held", "sent", "parked", "dropped"]
_WITHIN_A_SECOND = timedelta(microseconds=999_999)


class SustainedOut(Struct, frozen=True, kw_only=True):
    """Seconds that a breach has to last, and that it had lasted: at the moment, or when the alert fired."""

    needed: float
    seen: float


class UsedWayOut(Struct, frozen=True, kw_only=True):
    """*kind*: `mail`, or that of a channel; null: the way is gone. *state*, *error*: of the last message by it.
    *sent_at*: of the first one."""

    kind: str | None
    sent_at: str | None
    error: str | None
    state: DeliveryName


class RecipientOut(Struct, frozen=True, kw_only=True):
    """A user or a channel. *at*: of the first message about the alert, or of the one that stands for it (`amended`).
    *error*: why sending failed, so far or for good. *ways*: that messages took; of other people, administrators alone
    see them."""

    user_id: int | None
    username: str | None
    channel_id: int | None
    channel: str | None
    told: bool
    reason: Reason
    at: str | None
    error: str | None
    ways: list[UsedWayOut]

    @staticmethod
    def of(recipient: Recipient) -> "RecipientOut":
        receiver, answer = recipient.receiver, recipient.answer
        user, channel = (receiver, None) if isinstance(receiver, User) else (None, receiver)
        return shown(
            RecipientOut,
            answer,
            user_id=None if user is None else user.id,
            username=None if user is None else user.username,
            channel_id=None if channel is None else channel.id,
            channel=None if channel is None else channel.name,
            told=answer.was_notified,
            error=answer.error or None,
            ways=[
                shown(UsedWayOut, used, kind=kind or None, error=used.error or None, state=used.state.value)
                for kind, used in recipient.ways
            ],
        )


class DownParentOut(Struct, frozen=True, kw_only=True):
    id: int
    name: str
    since: str


class StepStateOut(Struct, frozen=True, kw_only=True):
    """*number*: from 1; null: the last resort. *due_at*: if nobody acknowledges; null: it has run, or will not."""

    number: int | None
    due_at: str | None
    ran_at: str | None


class EscalationStateOut(Struct, frozen=True, kw_only=True):
    id: int
    name: str
    steps: list[StepStateOut]


class FiredOut(Struct, frozen=True, kw_only=True):
    alert_id: int
    metric: str
    kind: KindName


class ExplanationOut(Struct, frozen=True, kw_only=True):
    """*fired*: all alerts that fired there then. *policy*: in force, with id 0 if it is built in; null: none.
    *policy_changed_at*: when a policy for this server and metric changed last after the moment. *depends_on*: what it
    depends on today and was down then. *level*: null unless firing. *recorded*: whether it was noted whom the alert was
    not for; else such reasons are those of today's settings. *others*: how many users who do not see the server are
    left out."""

    server_id: int | None
    check_id: int | None
    check_in_id: int | None
    server_name: str
    metric: str
    kind: KindName
    fired: list[FiredOut]
    at: str
    policy: PolicyOut | None
    policy_changed_at: str | None
    value: float | None
    state: Literal["ok", "pending", "firing"]
    level: LevelName | None
    alert_id: int | None
    sustained: SustainedOut | None
    silence: SilenceOut | None
    offline: bool
    acknowledged: bool
    held: bool
    depends_on: DownParentOut | None
    recorded: bool
    recipients: list[RecipientOut]
    others: int
    escalations: list[EscalationStateOut]

    @staticmethod
    def of(found: Explanation, visible: VisibleFleet) -> "ExplanationOut":
        server, facts, policy, silence = found.server, found.facts, found.policy, found.silence
        sustained = SustainedOut(needed=found.needed.total_seconds(), seen=found.lasted.total_seconds())
        return shown(
            ExplanationOut,
            found,
            **ids_of(server.id, server),
            server_name=server.name,
            kind=found.kind.name,
            fired=[FiredOut(alert_id=a.id, metric=a.metric, kind=KindName(a.kind.name)) for a in found.fired],
            policy=None if policy is None else PolicyOut.of(policy, visible.directory),
            state=facts.phase.value,
            level=LEVELS.get(found.level),
            alert_id=None if found.alert is None else found.alert.id,
            sustained=None if policy is None else sustained,
            silence=None if silence is None else SilenceOut.of(silence, visible, found.at, active=True),
            offline=found.is_offline,
            acknowledged=facts.is_acknowledged,
            held=facts.is_held,
            depends_on=_parent(found),
            recorded=found.alert is None or facts.is_recorded,
            recipients=[RecipientOut.of(each) for each in found.recipients],
            escalations=[
                shown(EscalationStateOut, escalation, steps=[shown(StepStateOut, step) for step in steps])
                for escalation, steps in found.escalations
            ],
        )


def _parent(found: Explanation) -> DownParentOut | None:
    if found.parent is None:
        return None
    parent, since = found.parent
    return DownParentOut(id=parent.id, name=parent.name, since=times.written(since))


@get("/alerts/explain", tags=("alerts",), sync_to_thread=True)
def explain(
    actor: Part[Actor],
    explain_alert: Part[ExplainAlert],
    fleet: Part[Fleet],
    clock: Part[Clock],
    metric: FromQuery[str | None] = None,
    server_id: QueryId = None,
    check_id: QueryId = None,
    check_in_id: QueryId = None,
    at: FromQuery[str | None] = None,
    kind: Annotated[str | None, QueryParameter(schema_extra=as_query(KINDS))] = None,
) -> Envelope[ExplanationOut]:
    """Say what was the case at a moment of the history (`at`, by default now; without a fraction it means the whole
    second), and why each person and channel was notified of it or not. `metric`, and `kind` of the policy: by default
    of the worst alert that fired then."""
    visible = fleet.visible_to(actor)
    watched_id = _one_of({Kind.HOST: server_id, Kind.CHECK: check_id, Kind.CHECK_IN: check_in_id}, visible)
    when = None if at is None else _moment(at, clock.now())
    found = explain_alert(actor, watched_id, metric, when, None if kind is None else kind_named(kind))
    return ok(ExplanationOut.of(found, visible))


def _one_of(given: dict[Kind, int | None], visible: VisibleFleet) -> ServerId:
    """Raises InvalidInput unless exactly one is given, and NotFound if it is the id of another kind."""
    ids = [(kind, ServerId(id_)) for kind, id_ in given.items() if id_ is not None]
    if len(ids) != 1:
        raise InvalidInput({"server_id": Problem("required" if not ids else "scope_of_one_kind")})
    [(kind, id_)] = ids
    return visible.get(id_, kind).id


def _moment(text: str, now: datetime) -> datetime:
    """Times in answers are whole seconds: one of them means everything within it. Raises InvalidInput."""
    at = times.parsed(text, "at")
    return at if at.microsecond or at > now else min(at + _WITHIN_A_SECOND, now)
