"""Changes what administrators set while the product runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.application.operations.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts import audit
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import NotForTokens
from monitor.domain.preferences import Preferences

AFTER_FRESH_LOG_IN = {"second_factor", "audit_days"}
"""Preferences that protect accounts, or keep the traces of what was done to them."""


@dataclass(frozen=True, slots=True)
class ChangePreferences:
    new_uow: Callable[[], UnitOfWork]
    clock: Clock

    @retried
    def __call__(self, actor: Actor, changes: Mapping[str, Any]) -> Preferences:
        """Change fields of Preferences by name. No token decides who must have a second factor.

        Raises Forbidden, NotForTokens, ReauthenticationRequired, InvalidInput.
        """
        actor.must_be_admin()
        if "second_factor" in changes and actor.token_id is not None:
            raise NotForTokens
        if changes.keys() & AFTER_FRESH_LOG_IN:
            actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            before = Preferences.of(uow.preferences.all())
            after = replace(before, **changes)
            if after != before:
                known, wanted = before.stored(), after.stored()
                uow.preferences.save({name: wanted[name] for name in wanted if wanted[name] != known.get(name)})
                detail = audit.changes(before.audit_details(), after.audit_details())
                uow.audit.add(audit.entry(actor, self.clock.now(), "settings.update", "", detail))
            uow.commit()
        return after
