from sqlalchemy import Engine

from monitor.adapters.persistence.alert_queries import SqlAlertQueries
from monitor.adapters.persistence.api_key_queries import SqlApiKeyQueries
from monitor.adapters.persistence.audit_queries import SqlAuditQueries
from monitor.adapters.persistence.bulletins import SqlBulletinQueries
from monitor.adapters.persistence.fleet_queries import SqlFleetQueries
from monitor.adapters.persistence.history_queries import SqlHistoryQueries
from monitor.adapters.persistence.notification_queries import SqlNotificationQueries
from monitor.adapters.persistence.sample_queries import SqlSampleQueries
from monitor.adapters.persistence.server_queries import SqlServerQueries
from monitor.adapters.persistence.user_queries import SqlUserQueries
from monitor.application.ports.cipher import NO_KEY, Cipher
from monitor.application.ports.queries import Queries


class SqlQueries(Queries):
    """Each call is a transaction of its own."""

    def __init__(self, engine: Engine, cipher: Cipher = NO_KEY) -> None:
        self.alerts = SqlAlertQueries(engine)
        self.api_keys = SqlApiKeyQueries(engine)
        self.audit = SqlAuditQueries(engine)
        self.bulletins = SqlBulletinQueries(engine)
        self.fleet = SqlFleetQueries(engine, cipher)
        self.history = SqlHistoryQueries(engine)
        self.notifications = SqlNotificationQueries(engine)
        self.samples = SqlSampleQueries(engine)
        self.servers = SqlServerQueries(engine)
        self.users = SqlUserQueries(engine)
