"""Create and revoke personal tokens, and note their use."""

from dataclasses import dataclass
from datetime import datetime

from monitor.application.accounts.limits import check_room
from monitor.application.accounts.ports import NewUow
from monitor.application.accounts.recording import Deferred, send_mail
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
            check_room(uow, self.quotas, actor, Quota.TOKENS, now)
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
    return {"token": f"{token.prefix}…", "token_scope": token.scope, "expires_at": token.expires_at}


class TokenUses(Deferred[PersonalTokenId, TokenUse]):
    """When and from where tokens were last used."""

    def note(self, token_id: PersonalTokenId, address: str) -> None:
        use = TokenUse(at=self._clock.now(), address=address)
        with self._lock:
            self._remember(token_id, use)

    def _as_one(self, one: TokenUse, other: TokenUse) -> TokenUse:
        return max(one, other, key=lambda use: use.at)

    @retried
    def _write(self, values: dict[PersonalTokenId, TokenUse], now: datetime) -> None:
        with self._new_uow() as uow:
            uow.personal_tokens.save_uses(values)
            uow.commit()
