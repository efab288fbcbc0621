"""Create and revoke personal tokens, and note their use."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from monitor.application.accounts.account_mails import send_mail
from monitor.application.accounts.limits import check_room
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor, PersonalTokenId
from monitor.domain.accounts.audit import created_values, deleted_values, entry
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.accounts.personal_tokens import (
    PersonalToken,
    TokenScope,
    TokenUse,
    check_expiry,
    shown_prefix,
    token_text,
)
from monitor.domain.accounts.sessions import token_digest
from monitor.domain.errors import MonitorError

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class CreateToken:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    quotas: Quotas = UNLIMITED

    @retried
    def __call__(
        self, actor: Actor, *, name: str, scope: TokenScope, expires_at: datetime | None = None
    ) -> tuple[PersonalToken, str]:
        """Return the actor's new token and its text, which is not stored. *expires_at*: None for never.

        Raises InvalidInput, QuotaReached, and ReauthenticationRequired if it may write and the log-in is not fresh.
        """
        now, text = self.clock.now(), token_text(self.secrets.token())
        if scope is TokenScope.WRITE:
            actor.must_be_fresh(now)
        check_expiry(expires_at, now)
        token = PersonalToken(
            user_id=actor.user_id,
            name=name,
            scope=scope,
            digest=token_digest(text),
            prefix=shown_prefix(text),
            created_at=now.replace(microsecond=0),
            expires_at=expires_at,
        )
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.TOKENS)
            user = uow.users.get(actor.user_id)
            token = uow.personal_tokens.add(token)
            uow.audit.add(entry(actor, now, "token.create", token.name, created_values(_details(token))))
            send_mail(uow, user, AccountEvent.TOKEN_CREATED, actor, now, token.name)
            uow.commit()
        return token, text


@dataclass(frozen=True, slots=True)
class RevokeToken:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, token_id: PersonalTokenId) -> None:
        """Delete a token of the actor's own. Raises NotFound."""
        with self.new_uow() as uow:
            token = uow.personal_tokens.get(token_id, user_id=actor.user_id)
            uow.personal_tokens.delete(token_id)
            detail = deleted_values(_details(token))
            uow.audit.add(entry(actor, self.clock.now(), "token.revoke", token.name, detail))
            uow.commit()


def _details(token: PersonalToken) -> dict[str, object]:
    """Return the values that the audit log shows."""
    until = None if token.expires_at is None else f"{token.expires_at:%Y-%m-%d %H:%M:%S}"
    return {"token": f"{token.prefix}…", "token_scope": token.scope.value, "expires_at": until}


PAUSE = timedelta(minutes=1)


class TokenUses:
    """Store when and from where tokens were last used, of each token at most once a minute.

    `note` only remembers, and any thread may call it. Calling the object stores the uses that are due: the first one
    of a token soon, then the newest of each minute. A crash loses at most a minute of uses.
    """

    def __init__(self, new_uow: NewUow, clock: Clock) -> None:
        self._new_uow = new_uow
        self._clock = clock
        self._waiting: dict[PersonalTokenId, TokenUse] = {}
        self._stored_at: dict[PersonalTokenId, datetime] = {}
        self._lock = Lock()

    def note(self, token_id: PersonalTokenId, address: str) -> None:
        use = TokenUse(at=self._clock.now(), address=address)
        with self._lock:
            self._waiting[token_id] = use

    def __call__(self, *, all_of_them: bool = False) -> None:
        """Store the uses that are due; with *all_of_them* all. Raises StorageUnavailable and keeps them."""
        since = self._clock.now() - PAUSE
        with self._lock:
            self._stored_at = {token_id: at for token_id, at in self._stored_at.items() if at > since}
            due = {
                token_id: use
                for token_id, use in self._waiting.items()
                if all_of_them or token_id not in self._stored_at
            }
            self._waiting = {token_id: use for token_id, use in self._waiting.items() if token_id not in due}
        if not due:
            return
        try:
            self._store(due)
        except MonitorError:
            with self._lock:
                self._waiting = due | self._waiting
            raise
        with self._lock:
            self._stored_at |= dict.fromkeys(due, self._clock.now())

    @retried
    def _store(self, due: dict[PersonalTokenId, TokenUse]) -> None:
        with self._new_uow() as uow:
            uow.personal_tokens.save_uses(due)
            uow.commit()
