"""Links that log in once: the operator's way to help somebody back in."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.accounts.account_mails import send_mail
from monitor.application.accounts.issuing import LoggedIn, Origin, SessionIssuer
from monitor.application.accounts.limits import Refusals
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, entry
from monitor.domain.accounts.challenges import CHALLENGE_TTL, Challenge, Purpose
from monitor.domain.accounts.errors import InvalidLink
from monitor.domain.accounts.sessions import SignIn, token_digest
from monitor.domain.errors import NotFound

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class IssueLoginLink:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets

    @retried
    def __call__(self, actor: Actor, username: str) -> str:
        """Return a token that logs the user in once, within CHALLENGE_TTL. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        token, now = self.secrets.token(), self.clock.now()
        with self.new_uow() as uow:
            user = uow.users.by_username(username)
            if user is None:
                raise NotFound
            uow.challenges.add(
                Challenge(
                    digest=token_digest(token),
                    purpose=Purpose.LINK,
                    expires_at=now + CHALLENGE_TTL,
                    user_id=user.id,
                )
            )
            uow.audit.add(entry(actor, now, "user.login_link", user.username))
            send_mail(uow, user, AccountEvent.LOGIN_LINK, actor, now)
            uow.commit()
        return token


@dataclass(frozen=True, slots=True)
class LogInByLink:
    new_uow: NewUow
    clock: Clock
    issuer: SessionIssuer
    refusals: Refusals

    def __call__(self, token: str, origin: Origin) -> LoggedIn:
        """Raises InvalidLink."""
        try:
            return self._open(token, origin)
        except InvalidLink:
            at, action = self.clock.now(), "session.login_failed"
            self.refusals.note(AuditEntry(at=at, action=action, detail="link", address=origin.address))
            raise

    @retried
    def _open(self, token: str, origin: Origin) -> LoggedIn:
        now = self.clock.now()
        if not token.isascii():  # lone surrogates have no digest
            raise InvalidLink
        with self.new_uow() as uow:
            challenge = uow.challenges.take(token_digest(token), Purpose.LINK, now)
            if challenge is None or challenge.user_id is None:
                raise InvalidLink
            try:
                user = uow.users.get(challenge.user_id)
            except NotFound:
                raise InvalidLink from None
            logged_in = self.issuer.log_in(uow, user, origin, SignIn.LINK)
            uow.commit()
        return logged_in
