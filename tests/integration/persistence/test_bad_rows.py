"""Rows that no version of ours wrote: they stop neither loading nor what concerns others."""

from dataclasses import replace
from datetime import time, timedelta

from sqlalchemy import Engine, insert, update

from monitor.adapters.persistence.queries import SqlQueries
from monitor.adapters.persistence.tables import preferences, silences, users
from monitor.application.fleet import Directory
from monitor.domain.preferences import Preferences
from monitor.domain.silences import Recurrence
from tests.contracts.builders import stored_silence, stored_user
from tests.integration.persistence.conftest import NewUow

WEEKLY = Recurrence(weekdays=frozenset({0}), starts=time(3), lasts=timedelta(hours=1), zone="Europe/Berlin")


def test_the_fleet_is_loaded_but_for_them(engine: Engine, new_uow: NewUow) -> None:
    alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob", locale="en")
    kept = stored_silence(new_uow, recurrence=WEEKLY)
    lost, torn = (stored_silence(new_uow, recurrence=WEEKLY).id for _ in range(2))
    written = '{"weekdays":[0],"starts":"03:00:00","lasts":"PT3600S","zone":"Mars/Olympus"}'
    with engine.begin() as connection:
        connection.execute(update(users).where(users.c.id == alice.id).values(locale="tlh"))
        connection.execute(update(silences).where(silences.c.id == lost).values(recurrence=written))
        connection.execute(update(silences).where(silences.c.id == torn).values(recurrence="{"))
        connection.execute(
            insert(preferences), [{"name": "digest_wait", "value": -5.0}, {"name": "reminder_after", "value": 60.0}]
        )
    directory = Directory.of(SqlQueries(engine).fleet.snapshot())
    assert dict(directory.users) == {alice.id: replace(alice, locale="zh-CN"), bob.id: bob}
    assert list(directory.silences) == [kept]
    assert directory.preferences == Preferences(reminder_after=60)
