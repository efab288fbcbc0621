"""Create and revoke the keys of agents."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.accounts.limits import check_room
from monitor.application.fleet.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId, digest, key_text, shown_prefix
from monitor.domain.fleet.servers import ServerId

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    quotas: Quotas = UNLIMITED

    @retried
    def __call__(self, actor: Actor, *, name: str, server_id: ServerId | None) -> tuple[ApiKey, str]:
        """Return the key and its text, which is not stored. *server_id*: None for a fleet key, for administrators.
        Raises Forbidden, ReauthenticationRequired, QuotaReached, NotFound, InvalidInput."""
        if server_id is None:
            actor.must_be_admin()
        now = self.clock.now()
        actor.must_be_fresh(now)
        text = key_text(self.secrets.token(), server_id)
        key = ApiKey(
            name=name,
            digest=digest(text),
            prefix=shown_prefix(text),
            created_at=now.replace(microsecond=0),
            server_id=server_id,
            owner_id=actor.user_id,
        )
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.KEYS, now)
            target = "fleet" if server_id is None else uow.servers.get(server_id, changed_by=actor).name
            key = uow.api_keys.add(key)
            uow.audit.add(entry(actor, now, "api_key.create", key.name, f"{key.prefix}… for {target}"))
            uow.commit()
        return key, text


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, key_id: ApiKeyId) -> None:
        """Raises NotFound, Forbidden."""
        with self.new_uow() as uow:
            key = uow.api_keys.get(key_id, changed_by=actor)
            uow.api_keys.delete(key_id)
            uow.audit.add(entry(actor, self.clock.now(), "api_key.revoke", key.name, f"{key.prefix}…"))
            uow.commit()
