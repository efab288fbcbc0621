"""Who has made as much as one person may."""

from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.domain.actors import Actor
from monitor.domain.errors import QuotaReached, TooManyAtOnce
from monitor.domain.quotas import Quota, Quotas


def room(uow: UnitOfWork, quotas: Quotas, actor: Actor, what: Quota) -> int | None:
    """How many more the *actor* may make in this transaction; None for any number."""
    limit = quotas.limit(what)
    if limit is None or actor.is_admin:
        return None
    return max(0, limit - uow.makers.count(actor.user_id, what))


def check_room(uow: UnitOfWork, quotas: Quotas, actor: Actor, what: Quota, more: int = 1) -> None:
    """Raises QuotaReached where *more* are too many."""
    left = room(uow, quotas, actor, what)
    if left is not None and more > left:
        raise QuotaReached(what, quotas.limit(what) or 0)


def check_at_once(quotas: Quotas, what: Quota, going_on: int) -> None:
    """Raises TooManyAtOnce where no other one may begin."""
    limit = quotas.limit(what)
    if limit is not None and going_on >= limit:
        raise TooManyAtOnce(what, limit)
