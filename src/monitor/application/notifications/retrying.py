"""Send parked notifications again."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.notifications.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.notifications.outbox import Notification, NotificationId


@dataclass(frozen=True, slots=True)
class RetryNotification:
    """Send a parked notification again, on an administrator's demand."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock

    @retried
    def __call__(self, actor: Actor, notification_id: NotificationId) -> Notification:
        """Raises Forbidden, NotFound, NotParked."""
        actor.must_be_admin()
        now = self.clock.now()
        with self.new_uow() as uow:
            notification = uow.notifications.get(notification_id).tried_again(now)
            uow.notifications.save([notification])
            detail = f"notification {notification.id}"
            uow.audit.add(entry(actor, now, "notification.retry", notification.server_name, detail))
            uow.commit()
        return notification
