"""A transaction on accounts with its repositories, and all queries."""

from abc import ABC

from monitor.application import ports
from monitor.application.accounts.ports.account_mails import AccountMails
from monitor.application.accounts.ports.audit import Audit, AuditQueries
from monitor.application.accounts.ports.factors import Factors
from monitor.application.accounts.ports.fleet import OwnedKeys, Teams
from monitor.application.accounts.ports.identities import Identities
from monitor.application.accounts.ports.limits import Creators, LoginAttempts
from monitor.application.accounts.ports.passkeys import Passkeys
from monitor.application.accounts.ports.personal_tokens import PersonalTokenQueries, PersonalTokens
from monitor.application.accounts.ports.sessions import Challenges, LiveTickets, Sessions
from monitor.application.accounts.ports.users import UserQueries, Users


class UnitOfWork(ports.UnitOfWork):
    """A transaction on accounts."""

    account_mails: AccountMails
    api_keys: OwnedKeys
    audit: Audit
    challenges: Challenges
    factors: Factors
    identities: Identities
    live_tickets: LiveTickets
    login_attempts: LoginAttempts
    personal_tokens: PersonalTokens
    creators: Creators
    passkeys: Passkeys
    sessions: Sessions
    teams: Teams
    users: Users


class Queries(ABC):
    """Reads for the API. Each takes the actor and returns only what that actor may see.

    Each may raise StorageUnavailable.
    """

    audit: AuditQueries
    personal_tokens: PersonalTokenQueries
    users: UserQueries
