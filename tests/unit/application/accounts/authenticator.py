"""An authenticator, and the account of `ann` that uses it."""

import pyotp

from monitor.application.accounts.sessions import LoggedIn
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy
from monitor.domain.errors import Unauthenticated
from tests.unit.application.core import ORIGIN, PASSWORD, Core


class App:
    """An authenticator. Each code is of a later step than the one before."""

    def __init__(self, core: Core, secret: str) -> None:
        self._core = core
        self._totp = pyotp.TOTP(secret)
        self.secret = secret
        self.recovery_codes: list[str] = []

    def code(self) -> str:
        self._core.clock.advance(30)
        return self._totp.at(for_time=self._core.clock.now())


def set_up(core: Core, actor: Actor) -> App:
    app = App(core, core.manage_totp.begin(actor, PASSWORD).secret)
    app.recovery_codes = core.manage_totp.confirm(actor, app.code())
    return app


def log_in(core: Core, code: str | None = None, password: str = PASSWORD) -> LoggedIn:
    return core.log_in("ann", password, ORIGIN, code)


def session(core: Core, code: str | None = None) -> Actor:
    return core.authenticate(log_in(core, code).access_token, ORIGIN.address).actor


def works(core: Core, logged_in: LoggedIn) -> bool:
    try:
        core.authenticate(logged_in.access_token, "")
    except Unauthenticated:
        return False
    return True


def demand(core: Core, policy: SecondFactorPolicy) -> None:
    with core.new_uow() as uow:
        uow.preferences.save({"second_factor": float(policy)})
        uow.commit()


def actions(core: Core) -> list[tuple[str, str, str]]:
    return [(entry.action, entry.target, entry.detail) for entry in core.audit()]


def mails(core: Core) -> list[AccountEvent]:
    with core.new_uow() as uow:
        return [mail.event for mail in uow.state.account_mails.values()]  # type: ignore[attr-defined]  # of memory


def own_factors(core: Core, actor: Actor) -> OwnFactors:
    return core.store.queries.users.factors(actor.user_id)
