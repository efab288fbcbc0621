"""Inserts into `monitor_data`, as SQL text since intake spends most of its time here.

On the intake's connection to MySQL one hand-built statement for many rows takes half the time of the driver's
`executemany`. Injection is impossible: numbers and times are formatted as such, addresses are in canonical form, and
`extra` goes through the driver's escape function.
Each row repeats its server's address. Addresses are cached with the fleet's revision, since a query for them with each
commit would halve the intake's rate.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Connection, Pool, select

from monitor.adapters.persistence.engine.pipelining import StatementResult, pipelining, read_all
from monitor.adapters.persistence.engine.statements import rows_with
from monitor.adapters.persistence.tables.fleet import fleet_revision, servers
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample

REVISION = str(select(fleet_revision.c.revision))
"""Statement that reads the fleet's revision."""


class Addresses(NamedTuple):
    """Addresses by server as of one *revision* of the fleet."""

    revision: int
    of: dict[int, str]


# By pool and not by engine: `SqlStore.reconnect`, which another database calls for, makes a new one.
_remembered: WeakKeyDictionary[Pool, Addresses] = WeakKeyDictionary()


def remembered_addresses(connection: Connection, server_ids: Collection[ServerId]) -> Addresses | None:
    """Return cached addresses, valid while the fleet has their revision. None if one of *server_ids* is missing."""
    known = _remembered.get(connection.engine.pool)
    return known if known is not None and known.of.keys() >= set(server_ids) else None


def check_revision(pool: Pool, revision: int, answers: Iterator[StatementResult]) -> None:
    """Drop the cache and raise TransactionConflict if the first of *answers*, to `REVISION`, is not *revision*."""
    (found,) = next(answers).rows or ()
    read_all(answers)  # an error about a missing server is more specific
    if found != (revision,):
        _remembered.pop(pool, None)
        raise TransactionConflict("the fleet has changed")


def addresses_of(connection: Connection, server_ids: Collection[ServerId], *, remember: bool) -> Mapping[int, str]:
    """Return the addresses of these servers in this transaction. Raises ConstraintViolated if a server does not exist.

    *remember*: use the cache. False if the transaction has changed the fleet: that has no revision yet.
    """
    found = _cached(connection) if remember else {}
    if missing := [server_id for server_id in server_ids if server_id not in found]:
        rows = rows_with(connection, select(servers.c.id, servers.c.ip_address), servers.c.id, missing)
        found.update((row.id, row.ip_address) for row in rows)
        if gone := [server_id for server_id in missing if server_id not in found]:
            raise ConstraintViolated(f"no server {gone[0]}")
    return found


def _cached(connection: Connection) -> dict[int, str]:
    revision = connection.exec_driver_sql(REVISION).scalar_one()
    known = _remembered.get(connection.engine.pool)
    if known is None or known.revision != revision:
        known = _remembered[connection.engine.pool] = Addresses(revision, {})
    return known.of


_INTO = (
    "INSERT INTO monitor_data "
    "(server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at, received_at, extra, "
    "report_interval) VALUES "
)
_MOST_ROWS = 1000
_MOST_CHARACTERS = 1_000_000  # a quarter of the largest packet that MySQL 5.7 takes by default
_encode = msgspec.json.Encoder().encode
_server_id = attrgetter("server_id")


def insert_samples(connection: Connection, samples: Sequence[Sample], *, remember: bool) -> None:
    """Insert in server order, since an INSERT share-locks the servers' rows. *remember*: see `addresses_of`."""
    ordered = sorted(samples, key=_server_id)
    server_ids = set(map(_server_id, ordered))
    if (driver := pipelining(connection)) is None:
        addresses = addresses_of(connection, server_ids, remember=remember)
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        connection.exec_driver_sql(f"{_INTO}({', '.join([mark] * 9)})", _rows(ordered, addresses))
        return
    known = remembered_addresses(connection, server_ids) if remember else None
    addresses = addresses_of(connection, server_ids, remember=remember) if known is None else known.of
    for values in values_lists(ordered, addresses, driver.escape):
        if known is None:
            driver.send([_INTO + values], read_all)
        else:
            driver.send([REVISION, _INTO + values], partial(check_revision, connection.engine.pool, known.revision))
            known = None


def values_lists(
    samples: Sequence[Sample], addresses: Mapping[int, str], escape: Callable[[str], str]
) -> Iterator[str]:
    """Yield what follows VALUES, for at most 1,000 rows and about 1 MB each. *escape* makes a text a literal."""
    rows: list[str] = []
    length = 0
    for sample, (recorded, received) in zip(samples, _moments(samples), strict=True):
        server_id, _, _, cpu, memory, disk, extra, interval, _ = sample
        stored_extra = _literal(extra_text(extra), escape) if extra else "NULL"
        rows.append(
            f"({server_id:d},'{addresses[server_id]}',{cpu:.2f},{memory:.2f},{disk:.2f},"
            f"'{recorded}','{received}',{stored_extra},{'NULL' if interval is None else f'{interval:.17g}'})"
        )
        length += len(stored_extra)
        if len(rows) == _MOST_ROWS or length > _MOST_CHARACTERS:
            yield ",".join(rows)
            rows, length = [], 0
    if rows:
        yield ",".join(rows)


def written(at: datetime) -> str:
    """Return UTC to the microsecond, of fixed width. Raises TypeError without a time zone."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise TypeError(f"{at!r} has no time zone")
        at = at.astimezone(UTC)
    return at.isoformat(" ", "microseconds")[:26]


def extra_text(extra: Mapping[str, float]) -> str:
    """Return compact JSON. Raises ValueError if a number is not finite, which JSON cannot hold."""
    encoded = _encode(extra)
    if b'":null' in encoded:
        raise ValueError(f"{extra!r} holds a number that is not finite")
    return encoded.decode()


def _literal(json: str, escape: Callable[[str], str]) -> str:
    # JSON has no raw control characters, so only these two need escaping; metric names have neither.
    return escape(json) if "'" in json or "\\" in json else f"'{json}'"


def _rows(samples: Sequence[Sample], addresses: Mapping[int, str]) -> list[tuple[object, ...]]:
    return [
        (
            sample.server_id,
            addresses[sample.server_id],
            round(sample.cpu, 2),
            round(sample.memory, 2),
            round(sample.disk, 2),
            recorded,
            received,
            extra_text(sample.extra) if sample.extra else None,
            sample.interval,
        )
        for sample, (recorded, received) in zip(samples, _moments(samples), strict=True)
    ]


def _moments(samples: Sequence[Sample]) -> Iterator[tuple[str, str]]:
    """Yield each sample's formatted times of recording and receipt. Equal times of neighbours are formatted once."""
    last_recorded_at = last_received_at = None
    recorded = received = ""
    for sample in samples:
        recorded_at, received_at = sample.recorded_at, sample.received_at
        if recorded_at != last_recorded_at:
            recorded = written(recorded_at)
        if received_at is recorded_at:
            received = recorded
        elif received_at is not last_received_at:
            received = written(received_at)
        last_recorded_at, last_received_at = recorded_at, received_at
        yield recorded, received
