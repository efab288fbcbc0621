"""Slow statements are logged: with what they were for, without their values."""

import logging
from contextlib import closing

import pytest

from monitor.adapters.persistence.store import SqlStore
from monitor.application.requests import WORKS_FOR
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import User
from tests.contracts.builders import AT

SECRET = "value-of-a-column"


def stored(url: str, seconds: float) -> None:
    with closing(SqlStore(url, pool_size=2)) as store:
        store.log_slow_statements(seconds)
        token = WORKS_FOR.set("request 5f2a")
        with store.unit_of_work(lambda: None) as uow:
            uow.users.add(User(username=SECRET, password_hash=SECRET, role=Role.USER, token_version=0, created_at=AT))
            uow.commit()
        WORKS_FOR.reset(token)


def test_a_slow_statement_is_logged(ready_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        stored(ready_url, 0.0)
    [line] = [each for each in caplog.messages if "INSERT INTO users" in each]
    assert "s for request 5f2a: INSERT INTO users" in line
    assert SECRET not in caplog.text


def test_a_fast_one_is_not(ready_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        stored(ready_url, 60.0)
    assert [] == caplog.messages
