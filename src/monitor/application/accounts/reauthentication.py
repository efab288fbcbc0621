"""Reauthentication: prove again, within a session, who one is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.accounts.issuing import own_session
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.accounts.proving import WRONG_CODE, Attempt, CheckCode, ProveIdentity
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.errors import CodeRequired, InvalidCode, PasskeyRequired
from monitor.domain.errors import Unauthenticated


def renew_proof(uow: UnitOfWork, actor: Actor, now: datetime, detail: str = "") -> None:
    """Note that the session's user has just proved who they are. Raises Unauthenticated if it has ended."""
    session = own_session(uow, actor)
    if session is None:
        raise Unauthenticated
    uow.sessions.save(replace(session, authenticated_at=now))
    uow.audit.add(entry(actor, now, "session.reauthenticate", actor.username, detail))


@dataclass(frozen=True, slots=True)
class Reauthenticate:
    """Renew the proof of a session with what a log-in asks for."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    prove: ProveIdentity
    check_code: CheckCode

    def __call__(self, actor: Actor, password: str, code: str | None = None) -> datetime:
        """Return the time of the proof.

        Raises PasswordLoginDisabled, InvalidCredentials, CodeRequired, InvalidCode, PasskeyRequired, TooManyAttempts.
        """
        attempt = self.prove.with_password(actor, password)
        try:
            return self._store(actor, attempt, code)
        except InvalidCode:
            self.prove.note_failure(actor, WRONG_CODE)
            raise

    @retried
    def _store(self, actor: Actor, attempt: Attempt, code: str | None) -> datetime:
        now = self.clock.now()
        with self.new_uow() as uow:
            user = attempt.present(uow)
            try:
                self.check_code.at_password(uow, user, code, actor)
            except (CodeRequired, PasskeyRequired):
                uow.commit()  # the password was right: no failure
                raise
            renew_proof(uow, actor, now)
            uow.commit()
        return now
