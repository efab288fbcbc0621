"""Run checks: when they are due, and when somebody asks."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.application.accounts.limits import count_guess
from monitor.application.checks.ports import Prober, Queries, Trial, UnitOfWork
from monitor.application.checks.results import CheckResults
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.limits import CHECK_TRIALS, Guess, GuessKind
from monitor.domain.checks.checks import Check, CheckPaused, StoredCheck
from monitor.domain.checks.schedule import LEASE_BEYOND, MISSED_AFTER
from monitor.domain.checks.targets import without_password
from monitor.domain.fleet.servers import Kind, ServerId

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Runs at a time in one process, each on a thread that ends with it."""
FAILING_AT_ONCE = 150
"""Of these, runs of checks whose last run failed: such ones may hang until their timeout, and must not delay others."""
LOOK_EVERY = 0.5
"""Seconds between two calls. Runs are spread over them: live samples would wait for all that work at once."""
MOST_BEGUN = 40
"""Runs that begin in one call: 4,800 a minute."""
_POLL = 0.1
_BRING_FORWARD = timedelta(minutes=1)
"""How often it is looked whether the clock was set back, here or where another process runs."""


@dataclass(slots=True, eq=False)
class RunDueChecks:
    """Run checks that are due. Each run happens once, however many processes there are."""

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    prober: Prober
    results: CheckResults
    clock: Clock
    holder: str
    _running: dict[ServerId, bool] = field(default_factory=dict, init=False)
    """Whether the last run before failed."""
    _brought_forward_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _is_closed: bool = field(default=False, init=False)

    def __call__(self) -> int:
        """Store results, begin the runs that are due, and return how many. Does not wait for them.

        Raises StorageUnavailable.
        """
        self.results.flush()
        running = list(self._running.values())
        if self._is_closed or len(running) >= AT_ONCE or not self._has_checks():
            return 0
        claimed = self._claim(min(MOST_BEGUN, AT_ONCE - len(running)), FAILING_AT_ONCE - sum(running))
        for place, stored in enumerate(claimed):
            self._running[stored.check.id] = stored.status.failures > 0
            self._begin(stored.check, place * LOOK_EVERY / len(claimed))
        return len(claimed)

    def run_here(self) -> None:
        """Run all checks that are due, however late, one after another, and store their results.

        The samples then wait in `CheckResults`. Raises StorageUnavailable.
        """
        while self._has_checks() and (claimed := self._claim(MOST_BEGUN, MOST_BEGUN, timedelta.max)):
            for stored in claimed:
                self.results.add(stored.check, self.prober(stored.check, self.clock.now()))
        self.results.flush()

    def _begin(self, check: Check, wait: float) -> None:
        try:
            threading.Thread(target=self._run, args=(check, wait), name="check", daemon=True).start()
        except RuntimeError as error:  # no more threads; the lease ends by itself
            self._running.pop(check.id, None)
            log.error("a check could not be run: %s", error)

    def _has_checks(self) -> bool:
        return any(check.kind is Kind.CHECK for check in self.fleet.directory.checks.values())

    @retried
    def _claim(self, most: int, most_failing: int, missed_after: timedelta = MISSED_AFTER) -> list[StoredCheck]:
        with self.new_uow() as uow:
            now = self.clock.now()
            if not timedelta() <= now - self._brought_forward_at < _BRING_FORWARD:
                uow.checks.bring_forward(now)
                self._brought_forward_at = now
            claimed = uow.checks.claim(
                now, self.holder, most=most, most_failing=most_failing, missed_after=missed_after
            )
            uow.commit()
        return claimed

    def _run(self, check: Check, wait: float) -> None:
        time.sleep(wait)
        try:
            self.results.add(check, self.prober(check, self.clock.now()))
        except Exception:  # the lease ends by itself
            log.exception("a check could not be run")
        finally:
            self._running.pop(check.id, None)

    def close(self) -> None:
        """Store all results, and let other processes run what runs here. Raises StorageUnavailable."""
        self._is_closed = True
        self.results.flush()
        if self._running:
            self._free()

    @retried
    def _free(self) -> None:
        with self.new_uow() as uow:
            uow.checks.free(self.holder)
            uow.commit()


@dataclass(frozen=True, slots=True)
class RunCheck:
    """Run a check for somebody who waits for the result."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    prober: Prober
    results: CheckResults
    clock: Clock
    holder: str

    def __call__(self, actor: Actor, check_id: ServerId) -> StoredCheck:
        """Return the check after the run. Wait for a run that is under way; if its process has died, begin another.

        Raises Forbidden, NotFound, CheckPaused.
        """
        before, is_ours = self._begin(actor, check_id, is_first=True)
        if not is_ours and not self._is_over(actor, before):
            before, is_ours = self._begin(actor, check_id)
        if is_ours:
            self.results.add(before.check, self.prober(before.check, self.clock.now()))
            self.results.flush()
        return self.queries.checks.get(actor, check_id)

    @retried
    def _begin(self, actor: Actor, check_id: ServerId, *, is_first: bool = False) -> tuple[StoredCheck, bool]:
        actor.must_be_admin()
        now = self.clock.now()
        with self.new_uow() as uow:
            stored = uow.checks.get(check_id)
            if stored.check.paused:
                raise CheckPaused
            is_ours = uow.checks.claim_one(check_id, now, self.holder)
            if is_first:
                uow.audit.add(entry(actor, now, "check.run", stored.check.name))
            uow.commit()
        return stored, is_ours

    def _is_over(self, actor: Actor, before: StoredCheck) -> bool:
        """Wait for a result. True if there is one."""
        give_up = time.monotonic() + before.check.timeout + LEASE_BEYOND.total_seconds()
        while time.monotonic() < give_up:
            time.sleep(_POLL)
            if self.queries.checks.get(actor, before.check.id).status.last != before.status.last:
                return True
        return False


@dataclass(frozen=True, slots=True)
class TryCheck:
    """Run a check that is not stored, for somebody who fills in its form."""

    new_uow: Callable[[], UnitOfWork]
    prober: Prober
    clock: Clock

    def __call__(self, actor: Actor, check: Check) -> Trial:
        """Run it once. Secret values that it leaves out are those of the stored check with its id, if it has one.

        Raises Forbidden, InvalidInput, NotFound, and TooManyAttempts: it asks somebody else's address.
        """
        actor.must_be_admin()
        self.prober.verify(check)
        return self.prober.attempt(self._counted(actor, check), self.clock.now())

    @retried
    def _counted(self, actor: Actor, check: Check) -> Check:
        now, guess = self.clock.now(), Guess(kind=GuessKind.CHECK, account="", source=str(actor.user_id))
        with self.new_uow() as uow:
            check = check.with_secrets_of(uow.checks.get(check.id).check if check.id else None)
            count_guess(uow, guess, now, CHECK_TRIALS)
            detail = f"{check.kind.name} {without_password(check.target)}"
            uow.audit.add(entry(actor, now, "check.try", check.name, detail))
            uow.commit()
        return check
