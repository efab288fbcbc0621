"""Run a check that is not stored, for somebody who fills in its form."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.accounts.limits import count_guess
from monitor.application.checks.ports import Prober, Trial, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.limits import CHECK_TRIALS, Guess, GuessKind
from monitor.domain.checks.checks import Check
from monitor.domain.checks.targets import without_password


@dataclass(frozen=True, slots=True)
class TryCheck:
    new_uow: Callable[[], UnitOfWork]
    prober: Prober
    clock: Clock

    def __call__(self, actor: Actor, check: Check) -> Trial:
        """Run it once. Secret values that it leaves out are those of the stored check with its id, if it has one.

        Raises Forbidden, InvalidInput, NotFound, and TooManyAttempts: requests go to somebody else's address.
        """
        actor.must_be_admin()
        self.prober.verify(check)
        return self.prober.attempt(self._counted(actor, check), self.clock.now())

    @retried
    def _counted(self, actor: Actor, check: Check) -> Check:
        now = self.clock.now()
        guess = Guess(kind=GuessKind.CHECK, account="", source=str(actor.user_id))
        with self.new_uow() as uow:
            check = check.with_secrets_of(uow.checks.get(check.id).check if check.id else None)
            count_guess(uow, guess, now, CHECK_TRIALS)
            detail = f"{check.kind.name} {without_password(check.target)}"
            uow.audit.add(entry(actor, now, "check.try", check.name, detail))
            uow.commit()
        return check


@dataclass(frozen=True, slots=True)
class EncryptRequests:
    """At the start of a server, encrypt anew how checks ask if an older key did it."""

    new_uow: Callable[[], UnitOfWork]

    @retried
    def __call__(self) -> None:
        with self.new_uow() as uow:
            uow.checks.reencrypt()
            uow.commit()
