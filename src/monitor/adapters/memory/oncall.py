"""Rotas, escalations, ways and pagings in memory."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.adapters.memory.notifications import forget_unsent
from monitor.adapters.memory.parts import Entities, MemoryPart, having
from monitor.adapters.memory.roster import replace_target
from monitor.adapters.memory.table import K, V
from monitor.application.oncall import ports
from monitor.application.oncall.ports import Paging
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.escalations import Escalation, Target, TargetKind
from monitor.domain.oncall.hand_overs import HandedOver
from monitor.domain.oncall.rotas import Rota, RotaId
from monitor.domain.oncall.ways import MAIL, Way, WayId

_TABLES: dict[TargetKind, str] = {kind: f"{kind}s" for kind in TargetKind if kind is not TargetKind.LINKED}


class _Naming(Entities[K, V]):
    """Rows that name others in lists, which the table cannot check."""

    def add(self, row: V) -> V:
        self._check(row)
        return super().add(row)

    def save(self, row: V) -> None:
        self._check(row)
        super().save(row)

    @abstractmethod
    def _check(self, row: V) -> None:
        """Raises ConstraintViolated."""


class MemoryRotas(_Naming[RotaId, Rota], ports.Rotas):
    name = "rotas"

    def delete(self, rota_id: RotaId) -> None:
        super().delete(rota_id)
        replace_target(self._state, Target(TargetKind.ROTA, rota_id))

    def handed_over(self) -> dict[RotaId, HandedOver]:
        return {rota_id: self._state.handed_over.get(rota_id, HandedOver()) for rota_id in sorted(self._state.rotas)}

    def save_handed_over(self, handed_over: Mapping[RotaId, HandedOver]) -> None:
        for rota_id in self._state.rotas.keys() & handed_over.keys():
            self._state.handed_over[rota_id] = handed_over[rota_id]

    def _check(self, rota: Rota) -> None:
        if not self._state.users.keys() >= {*rota.user_ids, *(each.user_id for each in rota.overrides)}:
            raise ConstraintViolated("a user is gone")


class MemoryEscalations(_Naming[EscalationId, Escalation], ports.Escalations):
    name = "escalations"

    def _check(self, escalation: Escalation) -> None:
        named = {target for step in escalation.steps for target in step.to if target.kind in _TABLES}
        if not all(target.id in self._state.table(_TABLES[target.kind]) for target in named):
            raise ConstraintViolated("a target is gone")


class MemoryWays(MemoryPart, ports.Ways):
    """Ways. Settings are copied: the caller may change its own later."""

    def of(self, user_id: UserId) -> list[Way]:
        return list(self._state.ways.get(user_id, ()))

    def replace(self, user_id: UserId, ways: Sequence[Way]) -> list[Way]:
        self._state.users.found(user_id)
        had, kept = {way.id for way in self.of(user_id)}, {way.id for way in ways if way.id}
        if not kept <= had:
            raise NotFound("no such way")
        forget_unsent(self._state, lambda target: target.way_id in had - kept)
        stored = [
            replace(way, user_id=user_id, settings=dict(way.settings), id=way.id or self._next_id()) for way in ways
        ]
        self._state.ways[user_id] = tuple(stored)
        return stored

    def confirm(self, user_id: UserId, way_id: WayId | None, at: datetime) -> None:
        if way_id is None and user_id in self._state.users and not self.of(user_id):
            self.replace(user_id, [Way(user_id=user_id, kind=MAIL)])
        self._amend(
            lambda way: way.user_id == user_id and (way.kind == MAIL if way_id is None else way.id == way_id),
            confirmed_at=at,
        )

    def mark_failed(self, way_id: WayId, error: str) -> None:
        self._amend(lambda way: way.id == way_id, failed=error)

    def reencrypt(self) -> None:
        """Do nothing: memory encrypts nothing."""

    def _next_id(self) -> WayId:
        return WayId(self._state.next_id("ways"))

    def _amend(self, is_meant: Callable[[Way], bool], **values: Any) -> None:
        for user_id, ways in list(self._state.ways.items()):
            after = tuple(replace(way, **values) if is_meant(way) else way for way in ways)
            if after != ways:
                self._state.ways[user_id] = after


class MemoryPagings(MemoryPart, ports.Pagings):
    name = "pagings"
    of = having(lambda paging, alert_ids, locked=False: paging.alert_id in alert_ids)

    def save(self, pagings: Sequence[Paging]) -> None:
        for paging in pagings:
            if paging.escalation_id in self._state.escalations:
                self._state.pagings.put(paging)

    def delete(self, alert_ids: Collection[AlertId], *, only: EscalationId | None = None) -> None:
        wanted = set(alert_ids)
        self._state.pagings.remove(lambda each: each.alert_id in wanted and only in (None, each.escalation_id))

    def renumber(self, escalation_id: EscalationId, steps: Mapping[int, int]) -> None:
        for paging in self._state.pagings.where(lambda each: each.escalation_id == escalation_id):
            step = steps.get(paging.progress.step, paging.progress.step)
            self._state.pagings.put(paging._replace(progress=paging.progress._replace(step=step)))
