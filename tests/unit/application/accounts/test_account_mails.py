"""Mails about accounts: nobody can flood an address with them, and nobody can keep the important ones away."""

import pytest

from monitor.domain.accounts.errors import TooManyAttempts
from monitor.domain.accounts.limits import ACCOUNT_MAILS, WINDOW
from tests.unit.application.core import Core


def test_changes_that_would_flood_an_address_are_refused(core: Core, root) -> None:
    ann = core.user("ann", email="victim@example.com")
    for number in range(ACCOUNT_MAILS):
        core.update_profile(ann, email=f"{number}@example.com")
    with pytest.raises(TooManyAttempts) as refusal:
        core.update_profile(ann, email="victim@example.com")
    assert 0 < refusal.value.retry_after <= WINDOW.total_seconds()
    assert core.store.queries.users.me(ann).email == f"{ACCOUNT_MAILS - 1}@example.com"
    core.update_profile(ann, locale="en")
    core.reset_password(root, username="ann", password="another password")
    core.clock.advance(WINDOW)
    core.update_profile(ann, email="victim@example.com")
    core.send_account_mails()
    assert len(core.mailer.notices) == ACCOUNT_MAILS + 2
