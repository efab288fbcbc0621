"""What is written and deleted from time to time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.sender_ports import Mailer
from monitor.application.operations.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.limits import WINDOW
from monitor.domain.errors import MonitorError
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.intake.samples import OLDEST_ACCEPTED

_NEWS = timedelta(days=1)
NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class SaveKeyUse:
    """Store when API keys were last used. Storing it with every sample would be too often."""

    new_uow: NewUow
    fleet: Fleet

    def __call__(self) -> None:
        used, self.fleet.key_used = self.fleet.key_used, {}
        if not used:
            return
        try:
            self._store(dict(used))  # a copy: another thread may still write to the old one
        except MonitorError:
            for key_id, at in used.items():
                self.fleet.key_used.setdefault(key_id, at)
            raise

    @retried
    def _store(self, used: dict[ApiKeyId, datetime]) -> None:
        with self.new_uow() as uow:
            uow.api_keys.save_last_used(used)
            uow.commit()


@dataclass(frozen=True, slots=True)
class SaveAgents:
    """Store what agents say of themselves and their hosts, if it has changed: of many it is one statement."""

    new_uow: NewUow
    fleet: Fleet

    @retried
    def __call__(self) -> None:
        said, facts = dict(self.fleet.agents), dict(self.fleet.facts)
        if not (said or facts):
            return
        with self.new_uow() as uow:
            uow.servers.save_agents(said)
            uow.servers.save_facts(facts)
            uow.commit()
        self.fleet.refresh()
        for server_id, agent in said.items():
            if self.fleet.agents.get(server_id) == agent:
                self.fleet.agents.pop(server_id, None)
        for server_id, of_host in facts.items():
            if self.fleet.facts.get(server_id) == of_host:
                self.fleet.facts.pop(server_id, None)


@dataclass(frozen=True, slots=True)
class TidyUp:
    """Delete expired sessions, live tickets, challenges and login attempts, and silences that no sample can ask for.

    Without a mail server also mails about changes of accounts that are a day old: late, they would only puzzle people.
    """

    new_uow: NewUow
    clock: Clock
    mailer: Mailer

    @retried
    def __call__(self) -> None:
        now = self.clock.now()
        with self.new_uow() as uow:
            uow.sessions.delete_expired(now)
            uow.live_tickets.delete_expired(now)
            uow.challenges.delete_expired(now)
            uow.login_attempts.delete_before(now - WINDOW)
            uow.silences.delete_before(now - OLDEST_ACCEPTED)
            if not self.mailer.is_configured:
                uow.account_mails.delete_before(now - _NEWS)
            uow.commit()


ROWS_AT_ONCE = 500
_PRUNED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PruneAudit:
    """Delete audit entries older than the retention, at most once a day, in small transactions, with an entry."""

    new_uow: NewUow
    fleet: Fleet
    clock: Clock

    def __call__(self) -> None:
        self.fleet.refresh()
        limit = self.clock.now() - timedelta(days=self.fleet.directory.preferences.audit_days)
        is_first = True
        while self._delete(limit, is_first) == ROWS_AT_ONCE:
            is_first = False

    @retried
    def _delete(self, limit: datetime, is_first: bool) -> int:
        """Store the entry together with the first deletion, so that nothing is deleted without it."""
        with self.new_uow() as uow:
            if is_first:
                oldest = uow.audit.oldest()
                if oldest is None or oldest >= limit - _PRUNED_EVERY:
                    return 0
                detail = f"before {limit:%Y-%m-%d %H:%M:%S}"
                uow.audit.add(AuditEntry(at=self.clock.now(), action="audit.prune", detail=detail))
            gone = uow.audit.delete_before(limit, ROWS_AT_ONCE)
            uow.commit()
        return gone
