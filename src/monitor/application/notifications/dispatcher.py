"""Threads that keep the outbox empty, and the retry of a parked notification on demand."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from monitor.application.giving_way import background
from monitor.application.notifications.delivery import DeliverNotifications, Delivery, NotSent, Transport
from monitor.application.notifications.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.notifications.outbox import Notification, NotificationId

SENDERS = 4
"""Targets served at a time: if three of them hang on a dead mail server, the others still get theirs."""


class Dispatcher:
    """Sends through one *transport*, so that a hanging mail server delays nothing but mail. *on_error* gets unexpected
    exceptions; those notifications are sent again after their lease, or, if the database was lost before they were
    sent, as soon as it answers."""

    def __init__(
        self, deliver: DeliverNotifications, on_error: Callable[[Exception], None], transport: Transport
    ) -> None:
        self._deliver = deliver
        self._transport = transport
        self._on_error = on_error
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix=f"dispatcher-{transport.name.lower()}")
        self._free = threading.Semaphore(SENDERS)
        self._not_sent: deque[Sequence[Delivery]] = deque()

    def round(self) -> int:
        """Hand all that is due to the senders and return the number of targets. Wait while all senders are busy: a
        target that is claimed before could lose its lease, and be sent by another process too."""
        self._give_back()
        count = 0
        while self._hand_over_one():
            count += 1
        return count

    def _give_back(self) -> None:
        while self._not_sent:
            self._deliver.give_back(self._not_sent[0])
            self._not_sent.popleft()

    def _hand_over_one(self) -> bool:
        """Return False if nothing is due."""
        self._free.acquire()
        handed_over = False
        try:
            if deliveries := self._deliver.claim(self._transport):
                self._pool.submit(self._send, deliveries)
                handed_over = True
        except NotSent as error:
            self._not_sent.append(error.deliveries)
            raise
        finally:
            if not handed_over:
                self._free.release()
        return handed_over

    def _send(self, deliveries: list[Delivery]) -> None:
        try:
            with background():
                self._deliver.deliver(deliveries)
        except Exception as error:
            if isinstance(error, NotSent):
                self._not_sent.append(error.deliveries)
            self._on_error(error)
        finally:
            self._free.release()

    def close(self) -> None:
        """Wait until what was handed over is sent."""
        self._pool.shutdown(wait=True)


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
