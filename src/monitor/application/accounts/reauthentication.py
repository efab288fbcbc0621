"""Reauthentication: prove again, within a session, who one is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.accounts.ports.unit_of_work import UnitOfWork
from monitor.application.accounts.proving import WRONG_CODE, CheckCode, Proof, ProveIdentity
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.errors import CodeRequired, InvalidCode, PasskeyRequired
from monitor.domain.errors import Unauthenticated


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
        proof = self.prove.with_password(actor, password)
        try:
            return self._store(actor, proof, code)
        except InvalidCode:
            self.prove.note_failure(actor, WRONG_CODE)
            raise

    @retried
    def _store(self, actor: Actor, proof: Proof, code: str | None) -> datetime:
        now = self.clock.now()
        with self.new_uow() as uow:
            user = proof.present(uow)
            session = None if actor.session_id is None else uow.sessions.get(actor.session_id)
            if session is None:
                raise Unauthenticated
            try:
                self.check_code.at_password(uow, user, code, actor)
            except (CodeRequired, PasskeyRequired):
                uow.commit()  # the password was right: no failure
                raise
            uow.sessions.save(replace(session, authenticated_at=now))
            uow.audit.add(entry(actor, now, "session.reauthenticate", user.username))
            uow.commit()
        return now
