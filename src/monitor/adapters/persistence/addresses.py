"""Servers' addresses, which every row of samples repeats. A look-up with each commit would halve the intake's rate."""

from collections.abc import Collection, Mapping
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.tables import fleet_revision, servers
from monitor.domain.errors import ConstraintViolated
from monitor.domain.servers import ServerId

_known: WeakKeyDictionary[Engine, tuple[int, dict[int, str]]] = WeakKeyDictionary()
_REVISION = str(select(fleet_revision.c.revision))


def addresses_of(connection: Connection, server_ids: Collection[ServerId], *, remember: bool) -> Mapping[int, str]:
    """The addresses these servers have in this transaction.

    What is remembered holds at one revision of the fleet, which is read anew each time. *remember* must be False once
    the transaction has changed the fleet itself: its changes have no revision yet, and may be rolled back.

    Raises ConstraintViolated where a server is gone.
    """
    found = _remembered(connection) if remember else {}
    if missing := [server_id for server_id in server_ids if server_id not in found]:
        for batch in batches(missing):
            wanted = select(servers.c.id, servers.c.ip_address).where(servers.c.id.in_(batch))
            found.update((row.id, row.ip_address) for row in connection.execute(wanted))
        if gone := [server_id for server_id in missing if server_id not in found]:
            raise ConstraintViolated(f"no server {gone[0]}")
    return found


def _remembered(connection: Connection) -> dict[int, str]:
    revision = connection.exec_driver_sql(_REVISION).scalar_one()
    known = _known.get(connection.engine)
    if known is None or known[0] != revision:
        known = _known[connection.engine] = (revision, {})
    return known[1]
