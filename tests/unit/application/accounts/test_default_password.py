"""The documented default only lets itself be changed, except on a loopback `monitor up`."""

from tests.unit.application.core import ORIGIN, Core


def test_it_must_be_changed(core: Core) -> None:
    core.ensure_first_admin("admin123")
    logged_in = core.log_in("admin", "admin123", ORIGIN)
    assert core.authenticate(logged_in.access_token, "").must_change_password


def test_it_is_accepted_if_configured(core: Core) -> None:
    core.allows_default_password = True
    core.ensure_first_admin("admin123")
    logged_in = core.log_in("admin", "admin123", ORIGIN)
    assert not core.authenticate(logged_in.access_token, "").must_change_password


def test_after_the_change_everything_is_open(core: Core) -> None:
    core.ensure_first_admin("admin123")
    actor = core.authenticate(core.log_in("admin", "admin123", ORIGIN).access_token, "").actor
    changed = core.change_password(actor, old_password="admin123", new_password="no default at all", origin=ORIGIN)
    assert not core.authenticate(changed.access_token, "").must_change_password


def test_a_default_password_from_loopback_is_restricted_when_served(core: Core) -> None:
    core.allows_default_password = True
    core.ensure_first_admin("admin123")
    core.log_in("admin", "admin123", ORIGIN)
    served = core.other_process()
    assert not served.ensure_first_admin("a random password")
    assert served.authenticate(served.log_in("admin", "admin123", ORIGIN).access_token, "").must_change_password


def test_any_other_password_is_not_the_default(core: Core, ann) -> None:
    logged_in = core.log_in("ann", "correct horse battery", ORIGIN)
    assert not core.authenticate(logged_in.access_token, "").must_change_password
