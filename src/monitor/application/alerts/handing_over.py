"""Hand rotas over: page who comes on call for what is not acknowledged, and announce each turn a day before."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.ports import AlertFilter, Queries, ShownAlert, UnitOfWork
from monitor.application.alerts.written import Written
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.called import escalations_of
from monitor.application.notifications.recipients import as_audience, way_of_notices, ways_to
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent, AccountMail
from monitor.domain.accounts.actors import SYSTEM, UserId
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.escalations import Escalation, Progress, TargetKind
from monitor.domain.oncall.hand_overs import HandedOver, HandOver, hand_over_now, hand_overs
from monitor.domain.oncall.rotas import Rota, RotaId, on_call

DAY = timedelta(days=1)
_LATE, _LATEST = timedelta(hours=1), DAY
"""How late a hand-over is announced that no process has looked for; and one after an outage."""
_LONGEST_LIST = 230
"""Characters."""
_READ, AT_ONCE = 1000, 200
"""Alerts: read, and paged for in one transaction."""


@dataclass(slots=True)
class HandOverRotas:
    """Run every half minute, by all processes. Each hand-over happens once: `Rotas` knows up to when they have."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock
    seen: datetime | None = None
    on_call: Mapping[RotaId, UserId | None] = field(default_factory=dict)

    def __call__(self) -> None:
        asked_at = self.clock.now()
        self.fleet.refresh()
        now, directory = self.clock.now(), self.fleet.directory
        since = now - _LATE if self.seen is None else self.seen
        rotas = directory.roster.rotas
        present = {rota_id: on_call(rota, directory.away, now) for rota_id, rota in rotas.items()}
        if present != self.on_call or any(self._news(rota, since, now) for rota in rotas.values()):
            for rota_id in self._announce(asked_at, now):
                present.pop(rota_id, None)
        self.seen, self.on_call = now, present

    def _news(self, rota: Rota, since: datetime, now: datetime) -> bool:
        away = self.fleet.directory.away
        turns = (hand_overs(rota, away, since + ahead, now + ahead) for ahead in (timedelta(0), DAY))
        return any(True for each in turns for _ in each)

    @retried
    def _announce(self, asked_at: datetime, now: datetime) -> Collection[RotaId]:
        """All alerts are read before the transaction, and looked at again in it. *asked_at*: who is on call.
        Return the rotas of which another process may have announced a later change: they are left alone."""
        directory = self.fleet.directory
        rotas, away = directory.roster.rotas, directory.away
        firing = self.queries.alerts.newest(SYSTEM, AlertFilter(state=AlertState.FIRING, limit=_READ))
        with self.new_uow() as uow:
            known = uow.rotas.handed_over()
            handed_over = {rota_id: each for rota_id, each in known.items() if each.at is None or each.at <= asked_at}
            for rota_id, last in sorted(handed_over.items()):
                if (rota := rotas.get(rota_id)) is None:
                    continue
                since = max(last.at or now - _LATE, now - _LATEST)
                turn = hand_over_now(rota, away, last.to, since, now)
                if turn is not None:
                    self._hand_over(uow, rota, turn, firing, now)
                for each in hand_overs(rota, away, since + DAY, now + DAY):
                    self._mail(uow, AccountEvent.ON_CALL_SOON, each.user_id, rota, each, "", now)
                handed_over[rota_id] = HandedOver(now, on_call(rota, away, now) or last.to)
            uow.rotas.save_handed_over(handed_over)
            uow.commit()
        return known.keys() - handed_over.keys()

    def _hand_over(
        self, uow: UnitOfWork, rota: Rota, turn: HandOver, firing: Sequence[ShownAlert], now: datetime
    ) -> None:
        naming = self._reached(uow, rota, turn, [shown.alert for shown in firing])
        named = {shown.alert.id: shown.server_name for shown in firing if shown.alert.id in naming}
        acknowledged = {shown.alert.id for shown in firing if shown.alert.acknowledged_at is not None}
        alerts = uow.alerts.get_many(sorted(named, key=acknowledged.__contains__)[:AT_ONCE], changed_by=None).values()
        concerned = [alert for alert in alerts if alert.is_open]
        reached = self._reached(uow, rota, turn, concerned)  # once more: before they were locked, a step may have run
        climbing = [a for a in concerned if a.acknowledged_at is None and a.due_at is None and reached.get(a.id)]
        own = uow.notifications.of_alerts([alert.id for alert in climbing])
        knows = {n.alert_id for n in own if n.target.user_id == turn.user_id and n.created_at >= turn.at}
        for alert in climbing:
            if alert.id not in knows:  # by a step that ran since then
                self._page(uow, rota, turn.user_id, alert, reached[alert.id][0], now)
        what = _listed([f"{named[alert.id]} {alert.metric}" for alert in concerned])
        for user_id in dict.fromkeys((turn.before, turn.user_id)):
            self._mail(uow, AccountEvent.HANDED_OVER, user_id, rota, turn, what, now)

    def _reached(
        self, uow: UnitOfWork, rota: Rota, turn: HandOver, alerts: Sequence[Alert]
    ) -> dict[AlertId, Sequence[EscalationId]]:
        """Return the alerts whose escalations name the rota, each with those that have run a step with it."""
        if not any(_first_step(rota, each) is not None for each in self.fleet.directory.roster.escalations.values()):
            return {}
        ids = [alert.id for alert in alerts]
        notified = uow.notifications.notified_targets(ids)
        progress: dict[AlertId, dict[EscalationId, Progress]] = {}
        for paging in uow.pagings.of(ids):
            progress.setdefault(paging.alert_id, {})[paging.escalation_id] = paging.progress
        people = {turn.before, *rota.people} - {None}
        found: dict[AlertId, Sequence[EscalationId]] = {}
        for alert in alerts:
            called, coming = notified.get(alert.id, {}), progress.get(alert.id, {})
            begun = set(coming).union(*called.values())
            naming = [each for each in self._escalations(alert, begun) if _first_step(rota, each) is not None]
            if naming:
                done = {id_ for to, by in called.items() if to.user_id in people for id_ in by}
                over = {each.id for each in naming if not called or each.id in done} - coming.keys()
                found[alert.id] = [each.id for each in naming if each.id in over or _has_reached(rota, each, coming)]
        return found

    def _escalations(self, alert: Alert, begun: Collection[EscalationId]) -> Sequence[Escalation]:
        """Return the escalations that *alert* began with; those of now if none is there."""
        directory = self.fleet.directory
        if there := [directory.roster.escalations[id_] for id_ in sorted(begun) if id_ in directory.roster.escalations]:
            return there
        server = directory.watched(alert.server_id)
        return () if server is None else escalations_of(directory, server, alert.key)

    def _page(
        self, uow: UnitOfWork, rota: Rota, user_id: UserId, alert: Alert, called_by: EscalationId, now: datetime
    ) -> None:
        directory = self.fleet.directory
        server = directory.watched(alert.server_id)
        if server is not None:
            ways = ways_to(directory, Target(user_id=user_id), alert.level, now)
            present = as_audience(ways, () if ways else (LeftOut(Reason.UNREACHABLE, user_id),), called_by)
            announcer = Announcer(self.fleet, uow, now)
            entry = announcer.entry(announcer.present(alert), EventKind.HANDED_OVER)
            announcer.announce(
                server, alert, Written(replace(entry, note=rota.name), present), held_by=announcer.held_by(alert)
            )

    def _mail(
        self,
        uow: UnitOfWork,
        event: AccountEvent,
        user_id: UserId | None,
        rota: Rota,
        turn: HandOver,
        what: str,
        now: datetime,
    ) -> None:
        """Write it for the way that the person has then: `SendAccountMails` looks for it."""
        directory = self.fleet.directory
        users = directory.users
        user, newcomer = users.get(user_id) if user_id is not None else None, users.get(turn.user_id)
        if user is None or newcomer is None or way_of_notices(directory, user) is None:
            return
        mail = AccountMail(
            user_id=user.id,
            username=user.username,
            email=user.email or "",
            locale=user.locale or directory.preferences.default_locale,
            event=event,
            name=rota.name,
            changed_by=newcomer.username,
            address=what,
            at=turn.at,
            not_before=now,
        )
        uow.account_mails.add(mail)


def _listed(texts: Sequence[str]) -> str:
    """Return as many as a mail about an account can hold, and how many more there are."""
    found, room = list[str](), _LONGEST_LIST
    for text in texts:
        room -= len(text) + 2
        if room < 0:
            break
        found.append(text)
    more = len(texts) - len(found)
    return ", ".join(found) + (f" … (+{more})" if more else "")


def _first_step(rota: Rota, escalation: Escalation) -> int | None:
    named = (TargetKind.ROTA, rota.id)
    return next((number for number, step in enumerate(escalation.steps) if named in step.to), None)


def _has_reached(rota: Rota, escalation: Escalation, coming: Mapping[EscalationId, Progress]) -> bool:
    """Tell whether an escalation that still climbs has run a step with the rota."""
    first, progress = _first_step(rota, escalation), coming.get(escalation.id)
    return progress is not None and (progress.turn > 0 or (first is not None and progress.step > first))
