from sqlalchemy import Engine, select

from monitor.adapters.persistence.engine import connected
from monitor.adapters.persistence.notification_rows import to_notification
from monitor.adapters.persistence.tables import channels
from monitor.adapters.persistence.tables import notifications as t
from monitor.application.ports.queries import NotificationFilter, NotificationQueries
from monitor.domain.actors import Actor
from monitor.domain.channels import ChannelId
from monitor.domain.notifications import Delivery, Notification

_TRIED = t.c.delivery.in_([Delivery.SENT, Delivery.PARKED]) | ((t.c.delivery == Delivery.PENDING) & (t.c.attempts > 0))


class SqlNotificationQueries(NotificationQueries):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        actor.must_be_admin()
        statement = select(t).order_by(t.c.id.desc()).limit(wanted.limit)
        if wanted.delivery is not None:
            statement = statement.where(t.c.delivery == wanted.delivery)
        if wanted.server_id is not None:
            statement = statement.where(t.c.server_id == wanted.server_id)
        if wanted.before is not None:
            statement = statement.where(t.c.id < wanted.before)
        with connected(self._engine) as connection:
            return [to_notification(row) for row in connection.execute(statement)]

    def last_by_channel(self) -> dict[ChannelId, Notification]:
        found: dict[ChannelId, Notification] = {}
        with connected(self._engine) as connection:
            for channel_id in connection.scalars(select(channels.c.id)).all():
                # Asked for all of the few channels at once, MariaDB goes through what was told to everybody.
                last = select(t).where(t.c.channel_id == channel_id, _TRIED).order_by(t.c.id.desc()).limit(1)
                if (row := connection.execute(last).one_or_none()) is not None:
                    found[ChannelId(channel_id)] = to_notification(row)
        return found
