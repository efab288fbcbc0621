"""Secrets of channels and ways can be read only with the right key and in their own row."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, text, update

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.engine.migration_plans import MigrationRefused
from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.notifications import channels as t
from monitor.adapters.persistence.tables.oncall import ways
from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.application.notifications.channels import EncryptSecrets
from monitor.application.ports import NO_KEY
from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import SecretUnreadable
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.oncall.ways import Way, WayId
from tests.contracts.builders import a_way, stored_channel, stored_user, stored_ways
from tests.integration.persistence.conftest import engine_at, uow_factory

SETTINGS = {"url": "https://hooks.example.com/services/T0KEN", "secret": "hush-hush", "locale": "en"}
OLD, NEW = (parsed_keys(new_key())[0] for _ in range(2))
INSERT = text(
    "INSERT INTO channels (id, name, kind, settings, least_level, enabled, created_at)"
    " VALUES (7, 'team', 'webhook', :settings, 'warning', 1, '2026-01-01 00:00:00')"
)


def stored(engine: Engine, *keys: bytes) -> list[Channel]:
    with uow_factory(engine, AesCipher(keys))() as uow:
        return uow.channels.all()


def raw(engine: Engine) -> str:
    with engine.connect() as connection:
        return repr(connection.execute(select(t)).all())


def a_hook(engine: Engine, key: bytes = OLD, name: str = "hook") -> Channel:
    return stored_channel(uow_factory(engine, AesCipher([key])), name, kind=ChannelKind("webhook"), settings=SETTINGS)


def test_only_plain_settings_are_readable_in_the_database(engine: Engine):
    channel = a_hook(engine)
    row = raw(engine)
    assert '"locale":"en"' in row
    assert not [part for part in ("T0KEN", "hooks.example.com", "hush", "secret") if part in row]
    assert [channel] == stored(engine, OLD)
    assert [channel] == SqlQueries(engine, AesCipher([OLD])).fleet.snapshot().channels


def test_with_another_key_only_those_channels_are_unreadable(engine: Engine):
    """Their secrets stay stored until they are entered again or the key is back."""
    channel = a_hook(engine)
    plain = stored_channel(
        uow_factory(engine), "team", kind=ChannelKind("email"), settings={"address": "a@example.com"}
    )
    unreadable = replace(channel, settings={"locale": "en"}, readable=False)
    assert [unreadable, plain] == stored(engine, NEW) == stored(engine)
    with uow_factory(engine, AesCipher([NEW]))() as uow:
        uow.channels.save(replace(unreadable, name="renamed", enabled=False))
        uow.commit()
    assert [replace(channel, name="renamed", enabled=False), plain] == stored(engine, OLD)
    with uow_factory(engine, AesCipher([NEW]))() as uow:
        uow.channels.save(replace(channel, settings={"url": "https://new.example.com/"}))
        uow.commit()
    assert {"url": "https://new.example.com/"} == stored(engine, NEW)[0].settings


def test_secrets_copied_to_another_row_are_unreadable(engine: Engine):
    """Write access to the database is not enough to redirect a channel."""
    first, second = a_hook(engine, name="one"), a_hook(engine, name="two")
    with engine.begin() as connection:
        secret = connection.scalar(select(t.c.encrypted).where(t.c.id == first.id))
        connection.execute(update(t).where(t.c.id == second.id).values(encrypted=secret))
    assert [True, False] == [channel.readable for channel in stored(engine, OLD)]


def test_a_key_is_replaced_by_a_start_with_both(engine: Engine):
    channel = a_hook(engine)
    assert [] == EncryptSecrets(uow_factory(engine, AesCipher([NEW, OLD])))()
    assert [channel] == stored(engine, NEW)
    assert [False] == [each.readable for each in stored(engine, OLD)]
    assert [channel.name] == EncryptSecrets(uow_factory(engine, AesCipher([OLD])))()
    row = raw(engine)
    EncryptSecrets(uow_factory(engine, AesCipher([NEW])))()
    assert row == raw(engine), "nothing is written where all is current"


@pytest.mark.parametrize("key", [OLD, NEW], ids=["its key", "another key"])
def test_settings_of_an_older_version_win(engine: Engine, key: bytes):
    """An older version that still runs does not know the encrypted column, and leaves its content."""
    a_hook(engine)
    written = {"url": "https://new.example.com/", "secret": "newer", "locale": "en"}
    with engine.begin() as connection:
        connection.execute(update(t).values(settings=json.dumps(written)))
    assert [(True, written)] == [(channel.readable, channel.settings) for channel in stored(engine, key)]
    EncryptSecrets(uow_factory(engine, AesCipher([key])))()
    assert "newer" not in raw(engine)
    assert [written] == [channel.settings for channel in stored(engine, key)]


def test_the_downgrade_decrypts_all_channels_or_none(database_url: str):
    engine = engine_at(database_url, "0015")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE channels ADD COLUMN scope TEXT"))  # as today's repositories write it
    for name, key in (("one", OLD), ("two", NEW)):
        a_hook(engine, key, name)
    before = raw(engine)
    with pytest.raises(MigrationRefused, match="channels 'two': "):
        migrations.downgrade(database_url, "0014", AesCipher([OLD]))
    assert before == raw(engine)
    newer = {"url": "https://new.example.com/"}
    with engine.begin() as connection:
        connection.execute(update(t).where(t.c.name == "two").values(settings=json.dumps(newer)))
    migrations.downgrade(database_url, "0014", AesCipher([NEW, OLD]))
    with engine.connect() as connection:
        settings = [json.loads(each) for each in connection.scalars(text("SELECT settings FROM channels ORDER BY id"))]
    assert [SETTINGS, {"url": "https://new.example.com/", "secret": "hush-hush"}] == settings
    engine.dispose()


def test_without_a_key_a_secret_is_refused_and_not_stored_in_plain_text(engine: Engine):
    with pytest.raises(SecretUnreadable):
        stored_channel(uow_factory(engine, NO_KEY), kind=ChannelKind("webhook"), settings=SETTINGS)
    assert "[]" == raw(engine)


def test_secrets_of_an_older_version_are_encrypted_at_the_next_start(database_url: str):
    """And decrypted by a downgrade, only with the key."""
    migrations.upgrade(database_url, "0014")
    engine = create_engine(database_url, pool_size=2)
    with engine.begin() as connection:
        connection.execute(INSERT, {"settings": json.dumps(SETTINGS)})
    migrations.upgrade(database_url)
    assert [SETTINGS] == [channel.settings for channel in stored(engine, OLD)]
    EncryptSecrets(uow_factory(engine, AesCipher([OLD])))()
    assert "T0KEN" not in raw(engine)
    assert [SETTINGS] == [channel.settings for channel in stored(engine, OLD)]
    if (path := engine.url.database) and engine.dialect.name == "sqlite":
        engine.dispose()
        with open(path, "rb") as file:
            assert b"T0KEN" not in file.read()
    migrations.downgrade(
        database_url, "0015"
    )  # later ones by themselves: MySQL undoes no step where the next is refused
    with pytest.raises(MigrationRefused, match="encrypted secrets"):
        migrations.downgrade(database_url, "0014")
    migrations.downgrade(database_url, "0014", AesCipher([OLD]))
    with engine.connect() as connection:
        assert SETTINGS == json.loads(connection.scalar(text("SELECT settings FROM channels")) or "")
    engine.dispose()


class TestWays:
    def test_only_plain_settings_are_readable_in_the_database(self, engine: Engine):
        way = a_stored_way(engine)
        with engine.connect() as connection:
            row = repr(connection.execute(select(ways)).all())
        assert '"locale":"en"' in row
        assert not [part for part in ("T0KEN", "hooks.example.com", "hush", "secret") if part in row]
        assert [way] == own_ways(engine, way.user_id, OLD)
        assert {way.user_id: [way]} == SqlQueries(engine, AesCipher([OLD])).fleet.snapshot().roster.ways

    def test_with_another_key_they_are_unreadable_and_stay(self, engine: Engine):
        way = a_stored_way(engine)
        unreadable = replace(way, settings={"locale": "en"}, readable=False)
        assert [unreadable] == own_ways(engine, way.user_id, NEW)
        new = replace(way, id=WayId(0), kind="ntfy")
        with uow_factory(engine, AesCipher([NEW]))() as uow:
            _, added = uow.ways.replace(way.user_id, [replace(unreadable, level=Level.CRITICAL), new])
            uow.commit()
        found = own_ways(engine, way.user_id, OLD)
        assert [replace(way, level=Level.CRITICAL), False] == [found[0], found[1].readable]
        assert [False, added] == [own_ways(engine, way.user_id, NEW)[0].readable, own_ways(engine, way.user_id, NEW)[1]]

    def test_secrets_copied_from_another_row_or_table_are_unreadable(self, engine: Engine):
        """A channel and a way may have the same number."""
        first, second = a_stored_way(engine), a_stored_way(engine, "bob")
        of_a_channel = AesCipher([OLD]).encrypt(json.dumps({"url": "x"}), f"channels.encrypted:{first.id}")
        with engine.connect() as connection:
            of_another = connection.scalar(select(ways.c.encrypted).where(ways.c.id == second.id))
        for secret in (of_another, of_a_channel):
            with engine.begin() as connection:
                connection.execute(update(ways).where(ways.c.id == first.id).values(encrypted=secret))
            assert [False] == [way.readable for way in own_ways(engine, first.user_id, OLD)]

    def test_a_key_is_replaced_by_a_start_with_both(self, engine: Engine):
        way = a_stored_way(engine)
        EncryptSecrets(uow_factory(engine, AesCipher([NEW, OLD])))()
        assert [way] == own_ways(engine, way.user_id, NEW)
        assert [False] == [each.readable for each in own_ways(engine, way.user_id, OLD)]


def a_stored_way(engine: Engine, name: str = "alice") -> Way:
    new_uow = uow_factory(engine, AesCipher([OLD]))
    user = stored_user(new_uow, name)
    (way,) = stored_ways(new_uow, user.id, a_way(user.id, settings=SETTINGS))
    return way


def own_ways(engine: Engine, user_id: UserId, key: bytes) -> list[Way]:
    with uow_factory(engine, AesCipher([key]))() as uow:
        return uow.ways.of(user_id)
