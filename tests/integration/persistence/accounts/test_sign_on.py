"""The ID token of a session as it is stored."""

from sqlalchemy import Engine, select

from monitor.adapters.persistence.tables.accounts import sessions
from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.domain.accounts.sessions import SignIn
from tests.contracts.builders import NewUow, stored_session, stored_user
from tests.integration.persistence.conftest import uow_factory

GROUPS = {"europe": "eu", "asia": "asia", "america": "EU", "by hand": None}


def test_the_id_token_is_stored_encrypted_and_forgotten_with_its_key(engine: Engine, new_uow: NewUow):
    user = stored_user(new_uow, "alice")
    ours, others = (uow_factory(engine, AesCipher(parsed_keys(new_key()))) for _ in range(2))
    session = stored_session(ours, user.id, sign_in=SignIn.SSO, id_token="a.b.c")
    with engine.connect() as connection:
        stored = connection.scalars(select(sessions.c.encrypted_id_token)).one()
    assert stored is not None
    assert "a.b.c" not in stored
    with ours() as uow:
        assert session == uow.sessions.get(session.id)
    with others() as uow:
        found = uow.sessions.get(session.id)
        assert found is not None
        assert found.id_token is None
