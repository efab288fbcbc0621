"""A user is deleted while others link them: the second waits for the first, and nothing is left of the deleted one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from monitor.adapters.persistence.tables import metadata
from monitor.application.fleet.leaving import DeleteUser
from monitor.application.fleet.servers import UpdateServer
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, MonitorError
from monitor.domain.oncall.escalations import Step, Target, TargetKind
from tests.contracts.builders import (
    ADMIN,
    AT,
    stored_escalation,
    stored_rota,
    stored_server,
    stored_team,
    stored_user,
)
from tests.contracts.threads import DEADLINE, at_once, until
from tests.integration.persistence.conftest import uow_factory


class StoppedClock(Clock):
    def now(self) -> datetime:
        return AT


class People:
    """Ann leaves, Ben takes over, Root administers. *uses*: what Ann has, by kind."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.new_uow = engine, uow_factory(engine)
        self.root = stored_user(self.new_uow, "root", role=Role.ADMIN)
        self.ann, self.ben = (stored_user(self.new_uow, name) for name in ("ann", "ben"))
        own = frozenset({self.ann.id})
        self.server = stored_server(self.new_uow, user_ids=own)
        self.team = stored_team(self.new_uow, user_ids=own)
        self.rota = stored_rota(self.new_uow, user_ids=(self.ann.id,))
        self.escalation = stored_escalation(self.new_uow, "nights", Target(TargetKind.USER, self.ann.id))
        self.delete = DeleteUser(self.new_uow, StoppedClock())

    def waits_for_a_lock(self) -> bool:
        with self.engine.connect() as connection:
            # Not `innodb_trx`: who asks for it often gets an old answer.
            waiting = text("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
            return int(connection.execute(waiting).one()[1]) > 0

    @contextmanager
    def meanwhile(self, work: Callable[[], object]) -> Iterator[list[BaseException]]:
        """Start *work* on another thread and wait until it waits for a lock; at the end, wait until it ended."""
        errors: list[BaseException] = []

        def run() -> None:
            try:
                work()
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        until(lambda: self.waits_for_a_lock() or not thread.is_alive())
        assert not errors
        yield errors
        thread.join(DEADLINE)
        assert not thread.is_alive()


@pytest.fixture
def people(mariadb_engine: Engine) -> People:
    return People(mariadb_engine)


def linked_to(people: People, uow: Any, kind: str, *users: User) -> Callable[[], None]:
    """Lock Ann's thing of this *kind*, and return what links it to *users* instead."""
    ids = [each.id for each in users]
    match kind:
        case "server":
            server = uow.servers.get(people.server.id, changed_by=ADMIN)
            return lambda: uow.servers.save(replace(server, user_ids=frozenset(ids)))
        case "team":
            team = uow.teams.get(people.team.id)
            return lambda: uow.teams.save(replace(team, user_ids=frozenset(ids)))
        case "rota":
            rota = uow.rotas.get(people.rota.id)
            return lambda: uow.rotas.save(replace(rota, user_ids=tuple(ids)))
    escalation = uow.escalations.get(people.escalation.id)
    step = Step(escalation.steps[0].after, tuple(Target(TargetKind.USER, id_) for id_ in ids))
    return lambda: uow.escalations.save(replace(escalation, steps=(step,)))


@pytest.mark.parametrize("hands_over", [True, False])
@pytest.mark.parametrize("kind", ["server", "team", "rota", "escalation"])
def test_a_deletion_and_a_new_link_do_not_deadlock(people: People, kind: str, hands_over: bool) -> None:
    """Both lock the thing before the people."""
    to = people.ben.id if hands_over else None
    with people.new_uow() as linking:
        link = linked_to(people, linking, kind, people.ann, people.ben, people.root)
        with people.meanwhile(lambda: once(DeleteUser)(people.delete, ADMIN, people.ann.id, to)) as errors:
            link()
            linking.commit()
    assert errors == []
    assert traces_of(people, people.ann.id) == []


def test_who_links_somebody_who_is_being_deleted_hears_that_they_are_unknown(people: People) -> None:
    other = stored_server(people.new_uow, "192.0.2.2")
    update = UpdateServer(people.new_uow, StoppedClock())
    with people.new_uow() as deleting:
        deleting.users.delete(people.ann.id)
        with people.meanwhile(lambda: once(UpdateServer)(update, ADMIN, other.id, user_ids=[people.ann.id])) as errors:
            deleting.commit()
    [error] = errors
    assert isinstance(error, InvalidInput)
    assert "unknown_users" == error.problems["user_ids"].code
    assert traces_of(people, people.ann.id) == []


@pytest.mark.parametrize("hands_over", [True, False])
def test_two_who_are_deleted_onto_each_other_leave_one(people: People, hands_over: bool) -> None:
    pairs = [(people.ann, people.ben), (people.ben, people.ann)]
    errors: list[MonitorError] = []

    def delete(user: User, to: User) -> None:
        try:
            people.delete(ADMIN, user.id, to.id if hands_over else None)
        except MonitorError as error:
            errors.append(error)

    at_once(*(partial(delete, *pair) for pair in pairs))
    with people.new_uow() as uow:
        left = uow.users.existing([people.ann.id, people.ben.id])
        linked = uow.servers.get(people.server.id, changed_by=ADMIN).user_ids
    assert [InvalidInput] * hands_over == [*map(type, errors)]
    assert hands_over == len(left)
    assert left == linked
    gone = {people.ann.id, people.ben.id} - left
    assert [] == [trace for user_id in gone for trace in traces_of(people, user_id)]


def test_nobody_hands_over_to_somebody_who_is_being_deleted(people: People) -> None:
    with people.new_uow() as deleting:
        deleting.users.get(people.ben.id)
        deleting.users.delete(people.ben.id)
        with people.meanwhile(lambda: once(DeleteUser)(people.delete, ADMIN, people.ann.id, people.ben.id)) as errors:
            deleting.commit()
    assert [InvalidInput] == [*map(type, errors)]
    with people.new_uow() as uow:
        assert {people.ann.id} == uow.servers.get(people.server.id, changed_by=ADMIN).user_ids
    assert traces_of(people, people.ben.id) == []


def once(use_case: type) -> Callable[..., Any]:
    """Return its call without `retried`, which would hide a deadlock."""
    call: Callable[..., Any] = vars(use_case)["__call__"].__wrapped__
    return call


def traces_of(people: People, user_id: UserId) -> list[str]:
    """Return the columns that refer to users and name this one."""
    columns = [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.target_fullname == "users.id" for key in column.foreign_keys)
    ]
    with people.engine.connect() as connection:
        return [str(column) for column in columns if user_id in connection.scalars(select(column)).all()]
