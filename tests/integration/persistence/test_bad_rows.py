"""Rows that no version of the product wrote do not prevent loading the others."""

import zlib
from dataclasses import replace
from datetime import time, timedelta

from sqlalchemy import Column, Engine, Table, insert, select, update

from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.fleet import api_keys, server_tags, servers
from monitor.adapters.persistence.tables.notifications import channels
from monitor.adapters.persistence.tables.oncall import rotas
from monitor.adapters.persistence.tables.operations import peer_updates, preferences
from monitor.adapters.persistence.tables.policies import alert_policies, silences
from monitor.application.fleet.directory import Directory
from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.notifications.channels import ChannelScope
from monitor.domain.oncall.rotas import Hours
from monitor.domain.policies.policies import Scope
from monitor.domain.preferences import Preferences
from monitor.domain.recurrence import Recurrence
from tests.contracts.builders import (
    ADMIN,
    AT,
    stored_channel,
    stored_key,
    stored_policy,
    stored_rota,
    stored_server,
    stored_silence,
    stored_user,
)
from tests.contracts.peer_updates import write_updates
from tests.integration.persistence.conftest import NewUow

WEEKLY = Recurrence(weekdays=frozenset({0}), starts=time(3), lasts=timedelta(hours=1), zone="Europe/Berlin")


def test_the_fleet_is_loaded_without_them(engine: Engine, new_uow: NewUow) -> None:
    alice, bob = stored_user(new_uow, "alice", locale="en"), stored_user(new_uow, "bob", locale="en")
    kept = stored_silence(new_uow, recurrence=WEEKLY)
    lost, torn, wrong = (stored_silence(new_uow, recurrence=WEEKLY) for _ in range(3))
    written = '{"weekdays":[0],"starts":"03:00:00","lasts":"PT3600S","zone":"Mars/Olympus"}'
    with engine.begin() as connection:
        connection.execute(update(users).where(users.c.id == alice.id).values(locale="tlh"))
        connection.execute(update(silences).where(silences.c.id == lost.id).values(recurrence=written))
        connection.execute(update(silences).where(silences.c.id == torn.id).values(recurrence="{"))
        connection.execute(update(silences).where(silences.c.id == wrong.id).values(metric="CPU!"))
        connection.execute(
            insert(preferences), [{"name": "digest_wait", "value": -5.0}, {"name": "reminder_after", "value": 60.0}]
        )
    directory = loaded(engine)
    assert dict(directory.users) == {alice.id: replace(alice, locale=None), bob.id: bob}
    assert list(directory.rules.silences.all) == [
        kept,
        *(replace(silence, recurrence=None, readable=False) for silence in (lost, torn)),
    ]
    assert not any(silence.is_active(AT) for silence in directory.rules.silences.all)
    assert directory.preferences == Preferences(reminder_after=60)


def test_a_silence_that_cannot_be_read_can_be_deleted(engine: Engine, new_uow: NewUow) -> None:
    silence = stored_silence(new_uow, recurrence=WEEKLY)
    with engine.begin() as connection:
        connection.execute(update(silences).values(recurrence="{"))
    with new_uow() as uow:
        assert uow.silences.get(silence.id, visible_to=ADMIN) == replace(silence, recurrence=None, readable=False)
        uow.silences.delete(silence.id)
        uow.commit()
    with engine.connect() as connection:
        assert connection.execute(select(silences)).all() == []


def test_what_cannot_be_read_of_who_is_called_is_left_out(engine: Engine, new_uow: NewUow) -> None:
    """People are notified at once then, and a channel of nothing: a scope that is lost is not everything."""
    hours = (Hours(frozenset({0}), time(9), time(17)),)
    night, away = QuietHours(time(22), time(7), "UTC"), (Span(AT, AT + timedelta(days=1)),)
    users_ = [stored_user(new_uow, name, quiet=night, away=away) for name in ("alice", "bob")]
    kept, lost, torn = (stored_rota(new_uow, name, hours=hours) for name in ("a", "b", "c"))
    scoped = [stored_channel(new_uow, scope=ChannelScope(tag="web")) for _ in range(3)]
    server = stored_server(new_uow, tags=frozenset({"web"}))
    changes: list[tuple[Table, int, dict[str, str]]] = [
        (users, users_[0].id, {"quiet": '{"starts":"22:00:00","ends":"07:00:00","zone":"Mars/Olympus","level":2}'}),
        (users, users_[1].id, {"away": "{"}),
        (rotas, lost.id, {"timezone": "Mars/Olympus"}),
        (rotas, torn.id, {"hours": "{"}),
        (channels, scoped[0].id, {"scope": "{"}),
        (channels, scoped[1].id, {"scope": '{"tag":"web","team_id":1}'}),
    ]
    with engine.begin() as connection:
        for table, id_, values in changes:
            connection.execute(update(table).where(table.c.id == id_).values(values))
    directory = loaded(engine)
    assert [(None, away), (night, ())] == [(user.quiet, user.away) for user in directory.users.values()]
    assert {kept.id: kept} == dict(directory.roster.rotas)
    covering = [channel.scope.covers(server, directory.reach) for channel in directory.channels.values()]
    assert [False, False, True] == covering


def test_older_names_are_read_without_invisible_characters(engine: Engine, new_uow: NewUow) -> None:
    """And can be changed. A tag stays the same in a server and in a scope."""
    server = stored_server(new_uow, tags=frozenset({"tag"}))
    user, key, channel = stored_user(new_uow, "bob"), stored_key(new_uow), stored_channel(new_uow)
    stored_policy(new_uow, scope=Scope(tag="tag"))
    old: list[tuple[Table, Column[str], str]] = [
        (servers, servers.c.server_name, "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER} dev"),
        (server_tags, server_tags.c.tag, "t\N{SOFT HYPHEN}ag"),
        (alert_policies, alert_policies.c.tag, "t\N{SOFT HYPHEN}ag"),
        (users, users.c.username, "bob\N{ZERO WIDTH SPACE}"),
        (api_keys, api_keys.c.name, "\N{ZERO WIDTH NO-BREAK SPACE}"),
        (channels, channels.c.name, "\N{WORD JOINER} team"),
    ]
    with engine.begin() as connection:
        for table, column, name in old:
            connection.execute(update(table).values({column: name}))
    directory = loaded(engine)
    [policy] = directory.rules.policies.all
    changed = directory.servers[server.id]
    assert changed.name == "\N{WOMAN}\N{PERSONAL COMPUTER} dev"
    assert changed.tags == {"tag"} == {policy.scope.tag}
    assert directory.users[user.id].username == "bob"
    assert directory.channels[channel.id].name == "team"
    assert directory.keys[key.digest].name == "\N{REPLACEMENT CHARACTER}"
    with new_uow() as uow:
        uow.servers.save(replace(changed, port=2222))
        uow.users.save(replace(directory.users[user.id], email="bob@example.com"))
        uow.commit()
    assert loaded(engine).servers[server.id] == replace(changed, port=2222)


def loaded(engine: Engine) -> Directory:
    return Directory.of(SqlQueries(engine).fleet.snapshot())


def test_an_unreadable_peer_update_is_skipped(engine: Engine, new_uow: NewUow) -> None:
    """It is from a later version, while processes are replaced one by one."""
    write_updates(new_uow, "a", 1, 2, 3, 4)
    unread = {2: b"torn", 3: zlib.compress(b'[["what is this?"]]')}
    with engine.begin() as connection:
        for number, data in unread.items():
            connection.execute(update(peer_updates).where(peer_updates.c.number == number).values(data=data))
    found = SqlQueries(engine).peer_updates
    assert [peer_update.number for peer_update in found.between("a", 0, 4)] == [1, 4]
    assert found.newest(but="b") == {"a": 4}
