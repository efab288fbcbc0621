from monitor.adapters.memory.alert_queries import MemoryAlertQueries
from monitor.adapters.memory.bulletins import MemoryBulletinQueries
from monitor.adapters.memory.database import Database
from monitor.adapters.memory.fleet_queries import MemoryApiKeyQueries, MemoryAuditQueries, MemoryFleetQueries
from monitor.adapters.memory.history import MemoryHistoryQueries
from monitor.adapters.memory.notification_queries import MemoryNotificationQueries
from monitor.adapters.memory.sample_queries import MemorySampleQueries
from monitor.adapters.memory.server_queries import MemoryServerQueries
from monitor.adapters.memory.user_queries import MemoryUserQueries
from monitor.application.ports.queries import Queries


class MemoryQueries(Queries):
    """Read what is committed, and wait for nobody."""

    def __init__(self, database: Database) -> None:
        self.alerts = MemoryAlertQueries(database)
        self.api_keys = MemoryApiKeyQueries(database)
        self.audit = MemoryAuditQueries(database)
        self.bulletins = MemoryBulletinQueries(database)
        self.fleet = MemoryFleetQueries(database)
        self.history = MemoryHistoryQueries(database)
        self.notifications = MemoryNotificationQueries(database)
        self.samples = MemorySampleQueries(database)
        self.servers = MemoryServerQueries(database)
        self.users = MemoryUserQueries(database)
