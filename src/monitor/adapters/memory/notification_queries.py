from itertools import islice

from monitor.adapters.memory.database import Database
from monitor.application.ports.queries import NotificationFilter, NotificationQueries
from monitor.domain.actors import Actor
from monitor.domain.channels import ChannelId
from monitor.domain.notifications import Delivery, Notification


class MemoryNotificationQueries(NotificationQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        actor.must_be_admin()
        newest_first = (n for _, n in sorted(self._database.state.notifications.items(), reverse=True))
        return list(islice((n for n in newest_first if _matches(n, wanted)), wanted.limit))

    def last_by_channel(self) -> dict[ChannelId, Notification]:
        state = self._database.state
        last: dict[ChannelId, Notification] = {}
        for _, notification in sorted(state.notifications.items()):
            channel_id = notification.target.channel_id
            if channel_id in state.channels and channel_id is not None and _was_tried(notification):
                last[channel_id] = notification
        return last


def _matches(notification: Notification, wanted: NotificationFilter) -> bool:
    return (
        (wanted.delivery is None or notification.delivery is wanted.delivery)
        and (wanted.server_id is None or notification.server_id == wanted.server_id)
        and (wanted.before is None or notification.id < wanted.before)
    )


def _was_tried(notification: Notification) -> bool:
    match notification.delivery:
        case Delivery.SENT | Delivery.PARKED:
            return True
        case Delivery.PENDING:
            return notification.attempts > 0
        case _:
            return False
