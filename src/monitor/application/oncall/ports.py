"""Storage of rotas, escalations, ways, and of where the escalations of open alerts stand."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet import ports as fleet
from monitor.application.history import ports as history
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.escalations import Escalation, Progress
from monitor.domain.oncall.hand_overs import HandedOver
from monitor.domain.oncall.rotas import Rota, RotaId
from monitor.domain.oncall.ways import Way, WayId


class Rotas(ABC):
    """`get`, `save` and `delete` raise NotFound; `add` and `save` raise RotaNameTaken, and ConstraintViolated for
    deleted users. Deleting a user takes them out of rotas."""

    @abstractmethod
    def add(self, rota: Rota) -> Rota: ...

    @abstractmethod
    def get(self, rota_id: RotaId) -> Rota:
        """Return it, locked until the transaction ends."""

    @abstractmethod
    def save(self, rota: Rota) -> None: ...

    @abstractmethod
    def delete(self, rota_id: RotaId) -> None: ...

    @abstractmethod
    def handed_over(self) -> dict[RotaId, HandedOver]:
        """Return how far hand-overs of each rota were announced, locked until the transaction ends."""

    @abstractmethod
    def save_handed_over(self, handed_over: Mapping[RotaId, HandedOver]) -> None:
        """Ignores deleted rotas. Processes that keep rotas in memory need not read them again."""


class Escalations(fleet.KnownEscalations):
    """`get`, `save` and `delete` raise NotFound; `add` and `save` raise EscalationNameTaken, and ConstraintViolated for
    what is deleted.

    What a step names may be deleted later: then the step has one target less. Deleting an escalation takes it from
    teams and policies.
    """

    @abstractmethod
    def add(self, escalation: Escalation) -> Escalation: ...

    @abstractmethod
    def get(self, escalation_id: EscalationId) -> Escalation:
        """Return it, locked until the transaction ends."""

    @abstractmethod
    def save(self, escalation: Escalation) -> None: ...

    @abstractmethod
    def delete(self, escalation_id: EscalationId) -> None: ...


class Ways(ABC):
    """Settings that may hold secrets are encrypted, except in memory."""

    @abstractmethod
    def of(self, user_id: UserId) -> list[Way]:
        """Return a person's ways in their order, locked until the transaction ends; empty if none were chosen."""

    @abstractmethod
    def replace(self, user_id: UserId, ways: Sequence[Way]) -> list[Way]:
        """Store these in this order in place of a person's own. Those with an id keep it. What is left out goes, with
        its PENDING and HELD notifications. The stored secrets of unreadable ones stay. Raises NotFound, also for an id
        that is not one of theirs."""

    @abstractmethod
    def confirm(self, user_id: UserId, way_id: WayId | None, at: datetime) -> None:
        """Note that the person acknowledged by this way, or (None) by mail. Ignores deleted ways. Of a person who chose
        none, mail is stored as the only one."""

    @abstractmethod
    def mark_failed(self, way_id: WayId, error: str) -> None:
        """*error*: "" after a success. Ignores deleted ways."""

    @abstractmethod
    def reencrypt(self) -> None:
        """Encrypt what is stored in plain text or under an older key."""


class Paging(NamedTuple):
    """Where an escalation of an open alert stands."""

    alert_id: AlertId
    escalation_id: EscalationId
    progress: Progress


class Pagings(ABC):
    """They go with their alert or escalation."""

    @abstractmethod
    def of(self, alert_ids: Collection[AlertId], *, locked: bool = False) -> list[Paging]:
        """Return them by alert and escalation. Lock only those of alerts that the caller has locked."""

    @abstractmethod
    def save(self, pagings: Sequence[Paging]) -> None:
        """Add them, or replace those of the same alert and escalation. Skips deleted escalations."""

    @abstractmethod
    def delete(self, alert_ids: Collection[AlertId], *, only: EscalationId | None = None) -> None: ...

    @abstractmethod
    def renumber(self, escalation_id: EscalationId, steps: Mapping[int, int]) -> None:
        """Replace the next step of the escalation's alerts by the one that *steps* has for it, if any."""


class UnitOfWork(history.UnitOfWork):
    rotas: Rotas
    escalations: Escalations
    ways: Ways
    pagings: Pagings
