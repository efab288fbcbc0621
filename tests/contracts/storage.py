"""All that a store must do, in one class to subclass: `class TestSqlite(StorageContract)` with these fixtures.

- `new_uow`: Callable[[], UnitOfWork] on an empty store; called from several threads at once.
- `queries`: Queries on the same store.
- `fleet_changes`: a list that grows by `queries.fleet.revision()`, read at that moment, whenever `on_fleet_change` of
  any of those units of work is called.
"""

from tests.contracts.api_keys import ApiKeysContract
from tests.contracts.audit import AuditContract
from tests.contracts.fleet_revision import FleetRevisionContract
from tests.contracts.leases import LeasesContract
from tests.contracts.live_tickets import LiveTicketsContract
from tests.contracts.login_attempts import LoginAttemptsContract
from tests.contracts.sample_queries import SampleQueriesContract
from tests.contracts.samples import SamplesContract
from tests.contracts.server_queries import ServerQueriesContract
from tests.contracts.servers import ServersContract
from tests.contracts.sessions import SessionsContract
from tests.contracts.unit_of_work import UnitOfWorkContract
from tests.contracts.unregistered_hosts import UnregisteredHostsContract
from tests.contracts.user_queries import UserQueriesContract
from tests.contracts.users import UsersContract


class StorageContract:
    class TestApiKeys(ApiKeysContract):
        pass

    class TestAudit(AuditContract):
        pass

    class TestFleetRevision(FleetRevisionContract):
        pass

    class TestLeases(LeasesContract):
        pass

    class TestLiveTickets(LiveTicketsContract):
        pass

    class TestLoginAttempts(LoginAttemptsContract):
        pass

    class TestSampleQueries(SampleQueriesContract):
        pass

    class TestSamples(SamplesContract):
        pass

    class TestServerQueries(ServerQueriesContract):
        pass

    class TestServers(ServersContract):
        pass

    class TestSessions(SessionsContract):
        pass

    class TestUnitOfWork(UnitOfWorkContract):
        pass

    class TestUnregisteredHosts(UnregisteredHostsContract):
        pass

    class TestUserQueries(UserQueriesContract):
        pass

    class TestUsers(UsersContract):
        pass
