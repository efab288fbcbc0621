from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.domain.alerts import AlertId
from monitor.domain.notifications import Notification, NotificationId, Target


class Notifications(ABC):
    """The outbox."""

    @abstractmethod
    def add(self, notifications: Sequence[Notification]) -> None:
        """Those whose (event, target) is there already are passed over."""

    @abstractmethod
    def get(self, notification_id: NotificationId) -> Notification:
        """Locked against other transactions' changes. Raises NotFound."""

    @abstractmethod
    def claim(
        self,
        now: datetime,
        *,
        leased_until: datetime,
        limit: int,
        among: Collection[Target] | None = None,
        but_for: Collection[Target] = (),
        holder: str = "",
    ) -> list[Notification]:
        """All PENDING ones of targets for whom at least one is due, oldest first; now leased to *holder*.

        Whole targets, until *limit* is reached: what one person is told at a time goes together. A target of whom
        another holds a lease that has not run out is passed over, and so is one that is not *among* those wanted, or is
        one of *but_for*.
        """

    @abstractmethod
    def are_lost(self, notifications: Sequence[Notification], holder: str) -> bool:
        """Whether another sends one of them, has sent it, or may: it is SENT, or PENDING and not claimed by
        *holder*."""

    @abstractmethod
    def free(self, holder: str) -> None:
        """End the leases of all that *holder* has claimed."""

    @abstractmethod
    def stamp(self, notifications: Sequence[Notification]) -> None:
        """Store their message_id and ack_digest, and nothing else of them; leases stay as they are."""

    @abstractmethod
    def save(self, notifications: Sequence[Notification]) -> None:
        """Replace the stored ones and end their leases. Those that are gone are passed over."""

    @abstractmethod
    def held(self) -> list[Notification]:
        """Oldest first."""

    @abstractmethod
    def of_alerts(self, alert_ids: Collection[AlertId]) -> list[Notification]:
        """All there are, in id order."""

    @abstractmethod
    def told(self, alert_ids: Collection[AlertId]) -> set[Target]:
        """Who was sent anything of these alerts, or has it waiting (PENDING or HELD)."""

    @abstractmethod
    def delete_before(self, at: datetime) -> None:
        """Those created before *at* and no longer to be sent."""

    @abstractmethod
    def by_ack_digest(self, digest: bytes) -> Notification | None: ...
