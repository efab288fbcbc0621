"""Store rotas: a row each, with their people and overrides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Row, case, delete, select, update

from monitor.adapters.persistence.accounts.unique_names import free_name
from monitor.adapters.persistence.accounts.users import stored_key
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, entity_of, found_row, insert_row
from monitor.adapters.persistence.oncall.parts import Parts, parts_of, replace_parts
from monitor.adapters.persistence.tables.oncall import rota_overrides, rota_users
from monitor.adapters.persistence.tables.oncall import rotas as t
from monitor.application.fleet.ports import Tracked
from monitor.application.oncall.ports import Rotas
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.oncall.hand_overs import HandedOver
from monitor.domain.oncall.rotas import Hours, Override, Rota, RotaId, RotaNameTaken
from monitor.domain.text import as_read

log = structlog.get_logger()
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(tuple[Hours, ...]).decode


class SqlRotas(SqlRepository, Rotas):
    def add(self, rota: Rota) -> Rota:
        with free_name(self._connection, t, rota.name, RotaNameTaken):
            rota = replace(rota, id=RotaId(insert_row(self._connection, t, _to_row(rota))))
        self._save_people(rota)
        return rota

    def get(self, rota_id: RotaId) -> Rota:
        wanted = select(t).where(t.c.id == rota_id).with_for_update()
        row = found_row(self._connection, wanted, f"rota {rota_id}")
        return _to_rota(row, *_people(self._connection, [row]))

    def save(self, rota: Rota) -> None:
        with free_name(self._connection, t, rota.name, RotaNameTaken, but_for=rota.id):
            found = self._connection.execute(update(t).where(t.c.id == rota.id).values(_to_row(rota)))
        if not found.rowcount:
            raise NotFound(f"no rota {rota.id}")
        self._save_people(rota)

    def delete(self, rota_id: RotaId) -> None:
        if not self._connection.execute(delete(t).where(t.c.id == rota_id)).rowcount:
            raise NotFound(f"no rota {rota_id}")
        self._log.note(Tracked.ROSTER)

    def handed_over(self) -> dict[RotaId, HandedOver]:
        known = case((t.c.handed_over_to_at == t.c.handed_over_at, t.c.handed_over_to))
        columns = (t.c.id, t.c.handed_over_at, known.label("handed_over_to"))
        rows = self._connection.execute(select(*columns).order_by(t.c.id).with_for_update())
        return {row.id: HandedOver(row.handed_over_at, row.handed_over_to) for row in rows}

    def save_handed_over(self, handed_over: Mapping[RotaId, HandedOver]) -> None:
        for rota_id, (at, to) in handed_over.items():
            written = (
                update(t).where(t.c.id == rota_id).values(handed_over_at=at, handed_over_to=to, handed_over_to_at=at)
            )
            self._connection.execute(written)

    def _save_people(self, rota: Rota) -> None:
        people = [{"place": place, "user_id": user_id} for place, user_id in enumerate(rota.user_ids)]
        overrides = [{"place": place, **columns_of(each)} for place, each in enumerate(rota.overrides)]
        replace_parts(self._connection, rota_users.c.rota_id, rota.id, people)
        replace_parts(self._connection, rota_overrides.c.rota_id, rota.id, overrides)
        self._log.note(Tracked.ROSTER)


def all_rotas(connection: Connection) -> Iterator[Rota]:
    """Yield them in id order, without those that cannot be read, such as for a time zone unknown to this machine."""
    rows = connection.execute(select(t).order_by(t.c.id)).all()
    people = _people(connection, rows)
    for row in rows:
        try:
            yield _to_rota(row, *people)
        except (InvalidInput, msgspec.MsgspecError) as error:
            log.warning("a rota cannot be read", rota=row.id, error=repr(error))


def _people(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Parts, Parts]:
    ids = [row.id for row in rows]
    users, overrides = (parts_of(connection, table.c.rota_id, ids) for table in (rota_users, rota_overrides))
    return users, overrides


def _to_rota(row: Row[Any], users: Parts, overrides: Parts) -> Rota:
    return entity_of(
        Rota,
        row,
        name=as_read(row.name),
        hours=None if row.hours is None else _decode(row.hours),
        user_ids=tuple(each.user_id for each in users.get(row.id, ())),
        overrides=tuple(entity_of(Override, each) for each in overrides.get(row.id, ())),
    )


def _to_row(rota: Rota) -> dict[str, Any]:
    hours = None if rota.hours is None else _encode(rota.hours).decode()
    return columns_of(rota, "user_ids", "overrides") | {"name_key": stored_key(rota.name), "hours": hours}
