"""No secret that people type or that is made for them appears in the audit log."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.fakes import CountedSecrets
from monitor.application.accounts.sessions import LoggedIn
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import InvalidCredentials
from monitor.domain.errors import InvalidInput, Unauthenticated
from tests.unit.application.core import ORIGIN, Core

PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=8, max_size=40).map("pw{}".format)


class NotedSecrets(CountedSecrets):
    """Keeps what it gave."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[str] = []

    def token(self) -> str:
        self.given.append(super().token())
        return self.given[-1]


@given(PASSWORDS, PASSWORDS, PASSWORDS)
def test_no_entry_holds_a_secret(first: str, second: str, wrong: str) -> None:
    secrets = NotedSecrets()
    core = Core(secrets=secrets)
    root = core.admin()
    ann = core.create_user(root, username="ann", password=first, email="ann@example.com")
    for name, password in (("ann", wrong), (wrong, first), (first, second)):
        with suppress(InvalidCredentials):
            core.log_in(name, password, ORIGIN)
    logged_in = core.log_in("ann", first, ORIGIN)
    actor = Actor(user_id=ann.id, username="ann", role=ann.role)
    with suppress(InvalidInput):
        core.change_password(actor, old_password=wrong, new_password=second, origin=ORIGIN)
    with suppress(InvalidInput):  # equal ones
        core.change_password(actor, old_password=first, new_password=second, origin=ORIGIN)
    core.reset_password(root, username="ann", password=wrong)
    key, text = core.create_api_key(root, name="fleet", server_id=None)
    core.revoke_api_key(root, key.id)
    reused = _use_again(core, core.log_in("ann", wrong, ORIGIN))
    core.end_sessions.of_user(root, ann.id)
    found = "\n".join(f"{e.action} {e.target} {e.detail} {e.username} {e.address}" for e in core.audit())
    held = [first, second, wrong, text, logged_in.access_token, logged_in.refresh_token, reused, *secrets.given]
    assert [] == [secret for secret in held if secret is not None and secret in found]


def _use_again(core: Core, logged_in: LoggedIn) -> str:
    """Use a refresh token twice, as a thief would."""
    token = logged_in.refresh_token or ""
    core.refresh_session(token)
    core.clock.advance(60)
    with suppress(Unauthenticated):
        core.refresh_session(token)
    return token
