from sqlalchemy import Engine, select

from monitor.adapters.persistence.batches import batches
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
        # One look from the end of the index for each channel; a GROUP BY would read all that it ever sent.
        last = select(t.c.id).where(t.c.channel_id == channels.c.id, _TRIED).order_by(t.c.id.desc()).limit(1)
        ids = select(last.scalar_subquery())
        found: dict[ChannelId, Notification] = {}
        with connected(self._engine) as connection:
            tried = [tried_id for tried_id in connection.scalars(ids.select_from(channels)) if tried_id is not None]
            for batch in batches(tried):
                for row in connection.execute(select(t).where(t.c.id.in_(batch))):
                    if row.channel_id is not None:  # else it was deleted just now
                        found[ChannelId(row.channel_id)] = to_notification(row)
        return found
