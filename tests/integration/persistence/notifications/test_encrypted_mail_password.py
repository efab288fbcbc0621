"""The password of the mail server can be read only with the right key, and is encrypted anew with a new one."""

from sqlalchemy import Engine, select, update

from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.operations import preferences as t
from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.application.notifications.channels import EncryptSecrets
from monitor.domain.notifications.mail_settings import PASSWORD, MailSettings
from tests.integration.persistence.conftest import uow_factory

OLD, NEW = (parsed_keys(new_key())[0] for _ in range(2))
FORM = {"host": "mail.example.com", "username": "ops@example.com", "password": "hush-hush"}
SAVED = MailSettings().changed(FORM, MailSettings())


def save(engine: Engine, key: bytes = OLD, settings: MailSettings = SAVED) -> None:
    with uow_factory(engine, AesCipher([key]))() as uow:
        uow.preferences.save(settings.stored())
        uow.commit()


def stored(engine: Engine, *keys: bytes) -> MailSettings:
    return MailSettings.of(SqlQueries(engine, AesCipher(keys)).fleet.snapshot().preferences)


def raw(engine: Engine) -> str:
    with engine.connect() as connection:
        return repr(connection.execute(select(t).order_by(t.c.name)).all())


def test_the_database_shows_all_but_the_password(engine: Engine):
    save(engine)
    assert "ops@example.com" in raw(engine)
    assert "hush-hush" not in raw(engine)
    assert SAVED == stored(engine, OLD)


def test_with_another_key_it_is_lost_and_stays_stored(engine: Engine):
    save(engine)
    lost = stored(engine, NEW)
    assert (None, True, "mail.example.com") == (lost.password, lost.password_lost, lost.host)
    save(engine, NEW, lost)
    assert SAVED == stored(engine, OLD)


def test_a_text_of_another_place_is_no_password(engine: Engine):
    """Write access to the database is not enough to send a channel's secret to a mail server."""
    save(engine)
    foreign = AesCipher([OLD]).encrypt("of a channel", "channels.encrypted:1")
    with engine.begin() as connection:
        connection.execute(update(t).where(t.c.name == PASSWORD).values(text=foreign))
    assert stored(engine, OLD).password_lost


def test_a_key_is_replaced_by_a_start_with_both(engine: Engine):
    save(engine)
    assert [] == EncryptSecrets(uow_factory(engine, AesCipher([NEW, OLD])))()
    assert SAVED == stored(engine, NEW)
    before = raw(engine)
    assert ["SMTP"] == EncryptSecrets(uow_factory(engine, AesCipher([OLD])))()
    assert before == raw(engine)
