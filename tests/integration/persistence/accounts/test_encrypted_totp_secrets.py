"""Secrets of authenticators can be read only with the right key and for their own user."""

from sqlalchemy import Engine, select, update

from monitor.adapters.persistence.tables.accounts import totp_secrets as t
from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.application.accounts.factors import EncryptFactors
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.factors import Totp
from tests.contracts.builders import AT, stored_user
from tests.contracts.factors import SECRET, a_totp, saved_totp
from tests.integration.persistence.conftest import uow_factory

OLD, NEW = (parsed_keys(new_key())[0] for _ in range(2))


def on(engine: Engine, name: str = "ann") -> Totp:
    new_uow = uow_factory(engine, AesCipher([OLD]))
    return saved_totp(new_uow, a_totp(stored_user(new_uow, name).id, confirmed_at=AT, last_step=7))


def secret(engine: Engine, user_id: UserId, *keys: bytes) -> str | None:
    with uow_factory(engine, AesCipher(keys))() as uow:
        found = uow.factors.totp(user_id)
    assert found is not None
    return found.secret


def raw(engine: Engine) -> str:
    with engine.connect() as connection:
        return repr(connection.execute(select(t)).all())


def test_the_database_holds_no_secret_in_plain_text(engine: Engine):
    totp = on(engine)
    assert SECRET not in raw(engine)
    assert (SECRET, None, None) == tuple(secret(engine, totp.user_id, *keys) for keys in ([OLD], [NEW], []))


def test_a_secret_copied_to_another_user_is_unreadable(engine: Engine):
    """Write access to the database is not enough to log in as somebody else."""
    mine, theirs = on(engine), on(engine, "bob")
    with engine.begin() as connection:
        copied = connection.scalar(select(t.c.encrypted).where(t.c.user_id == mine.user_id))
        connection.execute(update(t).where(t.c.user_id == theirs.user_id).values(encrypted=copied))
    assert (SECRET, None) == (secret(engine, mine.user_id, OLD), secret(engine, theirs.user_id, OLD))


def test_a_key_is_replaced_by_a_start_with_both(engine: Engine):
    totp = on(engine)
    assert [] == EncryptFactors(uow_factory(engine, AesCipher([NEW, OLD])))()
    assert (SECRET, None) == (secret(engine, totp.user_id, NEW), secret(engine, totp.user_id, OLD))
    assert ["ann"] == EncryptFactors(uow_factory(engine, AesCipher([OLD])))()
    row = raw(engine)
    assert [] == EncryptFactors(uow_factory(engine, AesCipher([NEW])))()
    assert row == raw(engine), "nothing is written where all is current"
    with uow_factory(engine, AesCipher([NEW]))() as uow:
        assert totp == uow.factors.totp(totp.user_id)
