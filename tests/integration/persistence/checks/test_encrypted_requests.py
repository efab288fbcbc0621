"""How a check asks can be read only with the right key and in its own row."""

from dataclasses import replace

from sqlalchemy import Engine, select, update

from monitor.adapters.persistence.tables.checks import checks as t
from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.domain.checks import kinds
from monitor.domain.checks.checks import Check, StoredCheck
from monitor.domain.checks.requests import Header, Request
from tests.contracts.builders import AT
from tests.contracts.checks import stored_check
from tests.integration.persistence.conftest import uow_factory

OLD, NEW = (parsed_keys(new_key())[0] for _ in range(2))
REQUEST = Request(headers=(Header(name="X-Key", value="hush-hush", secret=True),), body="passw0rd")


def a_stored(engine: Engine, number: int = 1) -> Check:
    new_uow = uow_factory(engine, AesCipher([OLD]))
    return stored_check(new_uow, number, kind=kinds.HTTP, target="https://a.example", request=REQUEST)


def read(engine: Engine, check: Check, *keys: bytes) -> Request:
    with uow_factory(engine, AesCipher(keys))() as uow:
        return uow.checks.get(check.id).check.request


def test_no_secret_is_readable_in_the_database(engine: Engine) -> None:
    check = a_stored(engine)
    with engine.connect() as connection:
        row = repr(connection.execute(select(t)).all())
    assert not [part for part in ("hush-hush", "passw0rd", "X-Key") if part in row]
    assert REQUEST == read(engine, check, OLD)


def test_without_its_key_it_stays_until_it_is_entered_again(engine: Engine) -> None:
    check = a_stored(engine)
    assert Request(is_readable=False) == read(engine, check, NEW)
    with uow_factory(engine, AesCipher([NEW]))() as uow:
        found = uow.checks.get(check.id)
        uow.checks.save(replace(found, check=replace(found.check, name="b")))
        uow.commit()
    assert REQUEST == read(engine, check, OLD)
    with uow_factory(engine, AesCipher([NEW]))() as uow:
        uow.checks.save(StoredCheck(check=check, due_at=AT))
        uow.commit()
    assert REQUEST == read(engine, check, NEW)


def test_it_is_bound_to_its_row(engine: Engine) -> None:
    one, other = a_stored(engine), a_stored(engine, 2)
    with engine.begin() as connection:
        taken = connection.scalar(select(t.c.encrypted).where(t.c.id == one.id))
        connection.execute(update(t).where(t.c.id == other.id).values(encrypted=taken))
    assert not read(engine, other, OLD).is_readable


def test_a_new_key_takes_over(engine: Engine) -> None:
    check = a_stored(engine)
    with uow_factory(engine, AesCipher([NEW, OLD]))() as uow:
        uow.checks.reencrypt()
        uow.commit()
    assert REQUEST == read(engine, check, NEW)
