"""All tests of a store, in one class to subclass: `class TestSqlite(StorageContract)` with these fixtures.

- `new_uow`: Callable[[], UnitOfWork] on an empty store; called from several threads at once.
- `queries`: Queries on the same store.
- `fleet_changes`: a list that grows by `queries.fleet.revision()`, read at that moment, whenever `on_fleet_change` of
  any of those units of work is called.
"""

from tests.contracts.account_mails import AccountMailsContract
from tests.contracts.alert_deletions import AlertDeletionsContract
from tests.contracts.alert_policies import AlertPoliciesContract
from tests.contracts.alert_queries import AlertQueriesContract
from tests.contracts.alert_states import AlertStatesContract
from tests.contracts.alerts import AlertsContract
from tests.contracts.api_keys import ApiKeysContract
from tests.contracts.audit import AuditContract, AuditFilterContract
from tests.contracts.block_marks import BlockMarksContract
from tests.contracts.challenges import ChallengesContract
from tests.contracts.channels import ChannelsContract
from tests.contracts.check_ins import CheckInsContract
from tests.contracts.checks import CheckClaimsContract, CheckQueriesContract, ChecksContract
from tests.contracts.checks_as_servers import ChecksAsServersContract
from tests.contracts.claims import ClaimsContract
from tests.contracts.cluster import ClusterContract
from tests.contracts.creators import CreatorsContract
from tests.contracts.due_evaluations import DueEvaluationsContract
from tests.contracts.epochs import EpochsContract
from tests.contracts.factors import FactorsContract
from tests.contracts.fleet_revision import FleetChangesContract, FleetRevisionContract
from tests.contracts.heartbeats import HeartbeatsContract
from tests.contracts.history import HistoryContract
from tests.contracts.identities import IdentitiesContract, IdTokensContract
from tests.contracts.incident_timelines import IncidentTimelinesContract
from tests.contracts.incidents import DependenciesContract, IncidentsContract
from tests.contracts.leases import LeasesContract
from tests.contracts.live_tickets import LiveTicketsContract
from tests.contracts.login_attempts import LoginAttemptsContract
from tests.contracts.notification_queries import NotificationQueriesContract
from tests.contracts.notifications import NotificationsContract
from tests.contracts.oncall import (
    EscalationsContract,
    PagingsContract,
    RosterContract,
    RotasContract,
    WaysContract,
)
from tests.contracts.passkeys import PasskeysContract
from tests.contracts.peer_updates import PeerUpdatesContract
from tests.contracts.personal_tokens import PersonalTokensContract
from tests.contracts.preferences import PreferencesContract
from tests.contracts.quiet import QuietContract
from tests.contracts.sample_queries import SampleQueriesContract
from tests.contracts.samples import SamplesContract
from tests.contracts.scrapes import ScrapesContract
from tests.contracts.server_queries import ServerQueriesContract
from tests.contracts.servers import ServersContract
from tests.contracts.sessions import SessionsContract
from tests.contracts.silences import SilencesContract
from tests.contracts.team_rights import TeamRightsContract
from tests.contracts.teams import TeamsContract
from tests.contracts.unit_of_work import UnitOfWorkContract
from tests.contracts.unregistered_hosts import UnregisteredHostsContract
from tests.contracts.user_queries import UserQueriesContract
from tests.contracts.users import UsersContract


class StorageContract:
    class TestAccountMails(AccountMailsContract):
        pass

    class TestAlertDeletions(AlertDeletionsContract):
        pass

    class TestAlertPolicies(AlertPoliciesContract):
        pass

    class TestAlertQueries(AlertQueriesContract):
        pass

    class TestDueEvaluations(DueEvaluationsContract):
        pass

    class TestAlertStates(AlertStatesContract):
        pass

    class TestQuiet(QuietContract):
        pass

    class TestAlerts(AlertsContract):
        pass

    class TestIncidentTimelines(IncidentTimelinesContract):
        pass

    class TestIncidents(IncidentsContract):
        pass

    class TestDependencies(DependenciesContract):
        pass

    class TestApiKeys(ApiKeysContract):
        pass

    class TestAudit(AuditContract):
        pass

    class TestAuditFilter(AuditFilterContract):
        pass

    class TestPeerUpdates(PeerUpdatesContract):
        pass

    class TestBlockMarks(BlockMarksContract):
        pass

    class TestChannels(ChannelsContract):
        pass

    class TestCheckIns(CheckInsContract):
        pass

    class TestChecks(ChecksContract):
        pass

    class TestCheckClaims(CheckClaimsContract):
        pass

    class TestCheckQueries(CheckQueriesContract):
        pass

    class TestChecksAsServers(ChecksAsServersContract):
        pass

    class TestClaims(ClaimsContract):
        pass

    class TestCluster(ClusterContract):
        pass

    class TestEpochs(EpochsContract):
        pass

    class TestFactors(FactorsContract):
        pass

    class TestFleetChanges(FleetChangesContract):
        pass

    class TestFleetRevision(FleetRevisionContract):
        pass

    class TestHeartbeats(HeartbeatsContract):
        pass

    class TestHistory(HistoryContract):
        pass

    class TestLeases(LeasesContract):
        pass

    class TestChallenges(ChallengesContract):
        pass

    class TestIdentities(IdentitiesContract):
        pass

    class TestIdTokens(IdTokensContract):
        pass

    class TestPasskeys(PasskeysContract):
        pass

    class TestLiveTickets(LiveTicketsContract):
        pass

    class TestLoginAttempts(LoginAttemptsContract):
        pass

    class TestCreators(CreatorsContract):
        pass

    class TestNotificationQueries(NotificationQueriesContract):
        pass

    class TestNotifications(NotificationsContract):
        pass

    class TestEscalations(EscalationsContract):
        pass

    class TestPagings(PagingsContract):
        pass

    class TestRoster(RosterContract):
        pass

    class TestRotas(RotasContract):
        pass

    class TestWays(WaysContract):
        pass

    class TestPersonalTokens(PersonalTokensContract):
        pass

    class TestPreferences(PreferencesContract):
        pass

    class TestSampleQueries(SampleQueriesContract):
        pass

    class TestSamples(SamplesContract):
        pass

    class TestScrapes(ScrapesContract):
        pass

    class TestServerQueries(ServerQueriesContract):
        pass

    class TestServers(ServersContract):
        pass

    class TestSessions(SessionsContract):
        pass

    class TestSilences(SilencesContract):
        pass

    class TestTeams(TeamsContract):
        pass

    class TestTeamRights(TeamRightsContract):
        pass

    class TestUnitOfWork(UnitOfWorkContract):
        pass

    class TestUnregisteredHosts(UnregisteredHostsContract):
        pass

    class TestUserQueries(UserQueriesContract):
        pass

    class TestUsers(UsersContract):
        pass
