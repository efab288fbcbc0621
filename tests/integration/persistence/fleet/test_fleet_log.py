"""The log of changes stays short, and a hole in it is noticed."""

from sqlalchemy import Engine, delete, func, select, update

from monitor.adapters.persistence.engine import repositories as log
from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.fleet import fleet_log, fleet_revision
from monitor.application.fleet.directory import Directory
from tests.contracts.builders import a_server, stored_server, stored_user
from tests.contracts.fleet_revision import as_held
from tests.integration.persistence.conftest import uow_factory


def test_deleting_a_user_of_the_whole_fleet_is_one_entry(engine: Engine) -> None:
    new_uow, queries = uow_factory(engine), SqlQueries(engine)
    user, other = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
    with new_uow() as uow:
        linked = [frozenset({user.id}), frozenset({user.id, other.id})]
        uow.servers.add_many([a_server(f"192.0.2.{n}", user_ids=linked[n % 2]) for n in range(1, 9)])
        uow.commit()
    before = Directory.of(queries.fleet.snapshot())
    with new_uow() as uow:
        uow.users.delete(user.id)
        uow.commit()
    changes = queries.fleet.changes(before.revision, 3)
    assert changes is not None
    assert {} == changes.servers
    assert as_held(Directory.of(queries.fleet.snapshot())) == as_held(before.with_changes(changes))


def test_a_revision_without_an_entry_is_no_basis(engine: Engine) -> None:
    """As a process of an older version, or a person, leaves it behind."""
    new_uow, queries = uow_factory(engine), SqlQueries(engine)
    before = queries.fleet.revision()
    with engine.begin() as connection:
        connection.execute(update(fleet_revision).values(revision=before + 1))
    stored_server(new_uow)
    assert queries.fleet.changes(before, 100) is None
    assert queries.fleet.changes(before + 1, 100) is not None


def test_a_part_of_a_newer_version_is_no_basis(engine: Engine) -> None:
    new_uow, queries = uow_factory(engine), SqlQueries(engine)
    before = queries.fleet.revision()
    stored_server(new_uow)
    with engine.begin() as connection:
        connection.execute(update(fleet_log).values(part="galaxy"))
    assert queries.fleet.changes(before, 100) is None


def test_old_revisions_leave_the_log(engine: Engine, monkeypatch) -> None:
    monkeypatch.setattr(log, "REVISIONS_KEPT", 3)
    new_uow, queries = uow_factory(engine), SqlQueries(engine)
    with engine.begin() as connection:
        connection.execute(delete(fleet_log))
    for number in range(1, 9):
        stored_server(new_uow, f"192.0.2.{number}")
    with engine.connect() as connection:
        assert 3 == connection.scalar(select(func.count()).select_from(fleet_log))
    revision = queries.fleet.revision()
    assert queries.fleet.changes(revision - 3, 100) is not None
    assert queries.fleet.changes(revision - 4, 100) is None
