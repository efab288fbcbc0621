"""Servers' addresses, which every row of samples repeats. A look-up with each commit would halve the intake's rate."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.deferred_answers import Answer, read
from monitor.adapters.persistence.tables import fleet_revision, servers
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.servers import ServerId

REVISION = str(select(fleet_revision.c.revision))
"""The statement that reads it."""


class Addresses(NamedTuple):
    """By server, of one *revision* of the fleet."""

    revision: int
    of: dict[int, str]


_remembered: WeakKeyDictionary[Engine, Addresses] = WeakKeyDictionary()


def remembered_addresses(connection: Connection, server_ids: Collection[ServerId]) -> Addresses | None:
    """Those of all *server_ids*, as long as the fleet still has that revision. None where one is missing."""
    known = _remembered.get(connection.engine)
    return known if known is not None and known.of.keys() >= set(server_ids) else None


def check_revision(engine: Engine, revision: int, answers: Iterator[Answer]) -> None:
    """*answers*: to `REVISION` first. Raises TransactionConflict where it is another one: what was remembered of the
    *revision* may be wrong, and is forgotten."""
    (found,) = next(answers).rows or ()
    read(answers)  # that a server is gone says more
    if found != (revision,):
        _remembered.pop(engine, None)
        raise TransactionConflict("the fleet has changed")


def addresses_of(connection: Connection, server_ids: Collection[ServerId], *, remember: bool) -> Mapping[int, str]:
    """The addresses these servers have in this transaction.

    *remember* must be False once the transaction has changed the fleet itself: its changes have no revision yet, and
    may be rolled back.

    Raises ConstraintViolated where a server is gone.
    """
    found = _of_now(connection) if remember else {}
    if missing := [server_id for server_id in server_ids if server_id not in found]:
        for batch in batches(missing):
            wanted = select(servers.c.id, servers.c.ip_address).where(servers.c.id.in_(batch))
            found.update((row.id, row.ip_address) for row in connection.execute(wanted))
        if gone := [server_id for server_id in missing if server_id not in found]:
            raise ConstraintViolated(f"no server {gone[0]}")
    return found


def _of_now(connection: Connection) -> dict[int, str]:
    revision = connection.exec_driver_sql(REVISION).scalar_one()
    known = _remembered.get(connection.engine)
    if known is None or known.revision != revision:
        known = _remembered[connection.engine] = Addresses(revision, {})
    return known.of
