"""Rows that a DBA inserts, with the documented columns only."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.accounts import users
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.errors import UsernameTaken
from monitor.domain.accounts.users import User
from monitor.domain.errors import ConstraintViolated
from tests.contracts.builders import (
    ADMIN,
    a_sample,
    raw_samples,
    store_samples,
    stored_key,
    stored_server,
    stored_user,
)
from tests.integration.persistence.conftest import NewUow, uow_factory

pytestmark = pytest.mark.nightly

INSERT = text("INSERT INTO users (username, password) VALUES (:username, 'no hash')")


def by_hand(engine: Engine, *usernames: str) -> None:
    with engine.begin() as connection:
        for username in usernames:
            connection.execute(INSERT, {"username": username})


def named(new_uow: NewUow, username: str) -> User:
    with new_uow() as uow:
        user = uow.users.by_username(username)
    assert user is not None
    return user


def saved(new_uow: NewUow, user: User) -> None:
    with new_uow() as uow:
        uow.users.save(user)
        uow.commit()


def test_a_name_and_a_password_are_enough(engine: Engine, new_uow: NewUow) -> None:
    by_hand(engine, "Straße")
    user = named(new_uow, "STRASSE")
    assert (user.username, user.role, user.locale, user.token_version) == ("Straße", Role.USER, None, 0)

    saved(new_uow, replace(user, password_hash="a hash"))

    with engine.connect() as connection:
        assert connection.execute(select(users.c.username_key, users.c.password)).all() == [("strasse", "a hash")]
    assert named(new_uow, "strasse") == replace(user, password_hash="a hash")
    assert SqlQueries(engine).users.options() == [(user.id, "Straße")]


def test_no_other_user_gets_the_name(engine: Engine, new_uow: NewUow) -> None:
    by_hand(engine, "Ann")
    with pytest.raises(UsernameTaken):
        stored_user(new_uow, "ANN")


def test_of_two_equal_names_the_first_user_keeps_it(engine: Engine, new_uow: NewUow) -> None:
    alice = stored_user(new_uow, "alice")
    by_hand(engine, "ALICE", "bob", "Bob")
    bob = named(new_uow, "BOB")
    assert (named(new_uow, "Alice").id, bob.username) == (alice.id, "bob")
    second = next(user for user in SqlQueries(engine).users.all(ADMIN) if user.username == "Bob")
    with pytest.raises(UsernameTaken):
        saved(new_uow, second)
    saved(new_uow, bob)
    saved(new_uow, alice)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO users (username, password, role) VALUES ('b', 'x', 'root')",
        "INSERT INTO servers (server_name, ip_address, status) VALUES ('b', '192.0.2.2', 'gone')",
        "UPDATE users SET role = 'root'",
        "UPDATE servers SET status = 'gone'",
    ],
)
def test_an_unknown_role_or_status_is_refused(engine: Engine, new_uow: NewUow, statement: str) -> None:
    stored_user(new_uow)
    stored_server(new_uow)
    with pytest.raises((DBAPIError, ConstraintViolated)), engine.begin() as connection:
        connection.execute(text(statement))


def test_the_upgrade_keeps_all_rows_and_links_and_reuses_no_id(database_url: str) -> None:
    migrations.upgrade(database_url)
    engine = create_engine(database_url)
    new_uow = uow_factory(engine)
    user, gone = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
    server = stored_server(new_uow, tags=frozenset({"a"}), user_ids=frozenset({user.id}))
    key = stored_key(new_uow, server_id=server.id, owner_id=user.id)
    store_samples(new_uow, a_sample(server.id))
    with new_uow() as uow:
        uow.users.delete(gone.id)
        uow.commit()
    indexes = {table: inspect(engine).get_indexes(table) for table in ("users", "servers")}
    migrations.downgrade(database_url, "0012")

    migrations.upgrade(database_url)

    migrations.check(database_url)
    queries = SqlQueries(engine)
    assert queries.servers.get(ADMIN, server.id) == server
    assert queries.api_keys.all(ADMIN) == [key]
    assert raw_samples(queries, server.id) == [a_sample(server.id)]
    assert {table: inspect(engine).get_indexes(table) for table in ("users", "servers")} == indexes
    assert stored_user(new_uow, "bob").id > gone.id
    engine.dispose()


def test_the_downgrade_gives_every_user_a_key(database_url: str) -> None:
    migrations.upgrade(database_url)
    engine = create_engine(database_url)
    stored_user(uow_factory(engine), "alice")
    by_hand(engine, "Ann", "ALICE")

    migrations.downgrade(database_url, "0012")

    with engine.connect() as connection:
        assert set(connection.scalars(text("SELECT username_key FROM users"))) == {"alice", "ann", "3 ALICE"}
    migrations.upgrade(database_url)
    migrations.check(database_url)
    engine.dispose()


def test_the_upgrade_repairs_rows_that_sqlite_accepted(sqlite_url: str) -> None:
    migrations.upgrade(sqlite_url, "0012")
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO users (username, password, role, username_key, token_version)"
                " VALUES ('alice', 'hash', 'root', 'alice', 1)"
            )
        )
        connection.execute(
            text("INSERT INTO servers (server_name, ip_address, status) VALUES ('web', '192.0.2.1', 'gone')")
        )

    migrations.upgrade(sqlite_url)

    with engine.connect() as connection:
        assert connection.scalars(text("SELECT role FROM users UNION ALL SELECT status FROM servers")).all() == [
            "user",
            "offline",
        ]
    engine.dispose()
