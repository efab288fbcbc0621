"""Sessions: renew, end, log out."""

from dataclasses import dataclass, replace

from monitor.application.accounts.credentials import IdentityProvider, RefreshTokens
from monitor.application.accounts.issuing import LoggedIn, SessionIssuer, own_session
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId, UserId
from monitor.domain.accounts.audit import AuditEntry, entry
from monitor.domain.accounts.sessions import Ended, Refresh, Session, SignIn, is_let_in, token_digest
from monitor.domain.errors import NotFound, Unauthenticated


@dataclass(frozen=True, slots=True)
class RefreshSession:
    new_uow: NewUow
    clock: Clock
    tokens: RefreshTokens
    issuer: SessionIssuer
    takes_passwords: bool

    @retried
    def __call__(self, token: str) -> LoggedIn:
        """Return a new access token and a new refresh token: the same one if the call is repeated soon.

        An older refresh token ends the session, since the token was stolen. Raises Unauthenticated.
        """
        now, digest = self.clock.now(), token_digest(token)
        session_id = self.tokens.session_of(token)
        if session_id is None:
            raise Unauthenticated
        following = self.tokens.following(token)
        with self.new_uow() as uow:
            session = uow.sessions.get(session_id)
            if session is None or session.expires_at <= now:
                raise Unauthenticated
            user = uow.users.find(session.user_id)
            if user is None or not self._counts(uow, session):
                raise Unauthenticated
            match session.judge(digest, now):
                case Refresh.STOLEN:
                    uow.sessions.delete(session.id, user_id=user.id)
                    uow.audit.add(AuditEntry(at=now, action="session.refresh_reused", target=user.username))
                    uow.commit()
                    raise Unauthenticated(Ended.STOLEN)
                case Refresh.REPEAT:
                    return self.issuer.renewed(uow, user, session, following)
                case Refresh.ROTATE:
                    uow.sessions.save(session.rotated(token_digest(following), now))
                    logged_in = self.issuer.renewed(uow, user, session, following)
                    uow.commit()
                    return logged_in

    def _counts(self, uow: UnitOfWork, session: Session) -> bool:
        return is_let_in(
            session.sign_in,
            session.authenticated_at,
            has_second_factor=uow.factors.of(session.user_id).is_any,
            takes_passwords=self.takes_passwords,
        )


@dataclass(frozen=True, slots=True)
class LogOut:
    """End all sessions and tokens of the user."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    provider: IdentityProvider

    def __call__(self, actor: Actor) -> str | None:
        """Return where the browser goes on, to end its session at the issuer too; None if there is none."""
        session = self._end(actor)
        if session is None or session.sign_in is not SignIn.SSO:
            return None
        return self.provider.log_out_address(session.id_token)

    @retried
    def _end(self, actor: Actor) -> Session | None:
        """Return the actor's own session, which has ended."""
        with self.new_uow() as uow:
            session = own_session(uow, actor)
            user = uow.users.get(actor.user_id)
            uow.users.save(replace(user, token_version=self.secrets.version()))
            uow.sessions.delete_all(actor.user_id)
            uow.audit.add(entry(actor, self.clock.now(), "session.logout", user.username))
            uow.commit()
        return session


@dataclass(frozen=True, slots=True)
class EndSession:
    """End one of the actor's own sessions. Raises NotFound."""

    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, session_id: SessionId) -> None:
        with self.new_uow() as uow:
            if not uow.sessions.delete(session_id, user_id=actor.user_id):
                raise NotFound
            uow.audit.add(entry(actor, self.clock.now(), "session.end", actor.username))
            uow.commit()


@dataclass(frozen=True, slots=True)
class EndSessions:
    """End the sessions of a user, except the one that asks for it."""

    new_uow: NewUow
    clock: Clock

    @retried
    def of_actor(self, actor: Actor) -> None:
        """End all other sessions of the actor."""
        with self.new_uow() as uow:
            self._end(uow, actor, actor.user_id, actor.username, "session.end_others")
            uow.commit()

    @retried
    def of_user(self, actor: Actor, user_id: UserId) -> None:
        """End all sessions of any user. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            user = uow.users.get(user_id)
            self._end(uow, actor, user.id, user.username, "session.end_all")
            uow.commit()

    def _end(self, uow: UnitOfWork, actor: Actor, user_id: UserId, username: str, action: str) -> None:
        ended = uow.sessions.delete_all(user_id, but=actor.session_id)
        uow.audit.add(entry(actor, self.clock.now(), action, username, f"{ended} sessions"))
