"""Checks and the intake lock rows that hang together: neither waits for the other."""

from functools import partial

import pytest
from sqlalchemy import Connection, Engine, event

from monitor.adapters.persistence.store import SqlUnitOfWork
from monitor.domain.errors import TransactionConflict
from tests.contracts.builders import AT, NewUow, a_sample
from tests.contracts.checks import UP, claimed, recorded, stored_check


def opener(engine: Engine) -> NewUow:
    return partial(SqlUnitOfWork, engine, lambda: None)


def test_a_result_does_not_wait_for_an_open_transaction_of_the_intake(
    mariadb_engine: Engine, pipelining_engine: Engine
) -> None:
    """Its samples hold a lock on the rows of their servers, which those of checks are too. A wait would end after five
    seconds with an error."""
    new_uow, new_intake_uow = opener(mariadb_engine), opener(pipelining_engine)
    check, other = stored_check(new_uow), stored_check(new_uow, 2)
    with new_intake_uow() as intake:
        intake.samples.add([a_sample(each.id) for each in (check, other)])
        intake.servers.existing([check.id, other.id], keep=True)
        assert claimed(new_uow) == [check, other]
        assert recorded(new_uow, check, UP) == [check]
        with new_uow() as uow:
            assert uow.checks.claim_one(check.id, AT, "b")
            uow.checks.free("b")
            uow.commit()
        intake.commit()


def test_the_intake_does_not_wait_for_an_open_transaction_of_checks(
    mariadb_engine: Engine, pipelining_engine: Engine
) -> None:
    new_uow, new_intake_uow = opener(mariadb_engine), opener(pipelining_engine)
    check, other = stored_check(new_uow), stored_check(new_uow, 2)
    claimed(new_uow, most=1)
    with new_uow() as uow:
        uow.checks.record([(check, UP)], "a")
        uow.checks.claim(AT, "a", most=1, most_failing=1)
        with new_intake_uow() as intake:
            intake.samples.add([a_sample(each.id) for each in (check, other)])
            intake.commit()
        uow.commit()


def test_a_check_that_another_claims_after_it_was_read_is_claimed_once(mariadb_engine: Engine) -> None:
    """As on another node of a cluster, where the turn of this one holds nobody."""
    new_uow = opener(mariadb_engine)
    check = stored_check(new_uow)

    others = ["b"]

    def claim_before_the_update(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if others and statement.startswith("UPDATE checks"):
            holder = others.pop()
            with new_uow() as other:
                assert other.checks.claim_one(check.id, AT, holder)
                other.commit()

    event.listen(mariadb_engine, "before_cursor_execute", claim_before_the_update)
    try:
        with pytest.raises(TransactionConflict):
            claimed(new_uow)
        assert claimed(new_uow) == []
    finally:
        event.remove(mariadb_engine, "before_cursor_execute", claim_before_the_update)
