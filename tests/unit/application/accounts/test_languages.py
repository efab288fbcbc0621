"""The language of what is sent to a person."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.application.accounts.login_links import IssueLoginLink, LogInByLink
from monitor.application.accounts.single_sign_on import FinishSignOn
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.sessions import SignIn
from tests.unit.application.accounts.sign_on import BINDING, SignOnCore
from tests.unit.application.core import ORIGIN, PASSWORD, Core

ENGLISH = replace(ORIGIN, locale="en")
CHINESE = replace(ORIGIN, locale="zh-CN")


def locale(core: Core, name: str = "ann") -> str | None:
    with core.new_uow() as uow:
        found = uow.users.by_username(name)
    assert found is not None
    return found.locale


def mailed(core: Core) -> list[str]:
    return [mail.locale for mail in core.store._database.state.account_mails.in_order()]


def set_default(core: Core, chosen: str) -> None:
    with core.new_uow() as uow:
        uow.preferences.save({"default_locale": chosen})
        uow.commit()


def test_it_is_that_of_the_browser_at_the_first_log_in(core: Core, ann) -> None:
    assert locale(core) is None
    logged_in = core.log_in("ann", PASSWORD, ENGLISH)
    assert ("en", "en") == (logged_in.user.locale, locale(core))
    core.log_in("ann", PASSWORD, CHINESE)
    assert "en" == locale(core)


def test_a_client_that_asks_for_no_language_leaves_it_open(core: Core, ann) -> None:
    core.log_in("ann", PASSWORD, ORIGIN)
    assert locale(core) is None


@pytest.mark.parametrize("sign_in", SignIn)
def test_all_ways_in_are_alike(core: Core, ann, sign_in: SignIn) -> None:
    with core.new_uow() as uow:
        core.issuer.log_in(uow, uow.users.get(ann.user_id), ENGLISH, sign_in)
        uow.commit()
    assert "en" == locale(core)


def test_an_account_that_single_sign_on_makes_has_that_of_its_browser() -> None:
    site = SignOnCore()
    answer = {"state": site.begin(), "code": "c"}
    found = site.container.get(FinishSignOn)(answer, BINDING, ENGLISH).logged_in
    assert found is not None
    assert "en" == found.user.locale


def test_a_link_that_logs_in_counts_too() -> None:
    site = SignOnCore()
    site.user("bob")
    token = site.container.get(IssueLoginLink)(site.log_in("admin"), "bob")
    assert "en" == site.container.get(LogInByLink)(token, ENGLISH).user.locale


def test_the_first_administrator_has_that_of_their_browser(core: Core) -> None:
    core.ensure_first_admin("a password of their own")
    core.log_in("admin", "a password of their own", ENGLISH)
    assert "en" == locale(core, "admin")


@pytest.mark.parametrize(
    "choose",
    [
        lambda core, root: core.create_user(root, username="eve", password=PASSWORD, locale="zh-CN"),
        lambda core, root: core.change_user(
            root, core.create_user(root, username="eve", password=PASSWORD).id, locale="zh-CN"
        ),
    ],
    ids=["made", "changed"],
)
def test_who_makes_an_account_may_choose_it(core: Core, root, choose: Callable[..., object]) -> None:
    choose(core, root)
    core.log_in("eve", PASSWORD, ENGLISH)
    assert "zh-CN" == locale(core, "eve")


def test_until_it_is_known_mails_are_in_the_installations_language(core: Core, root) -> None:
    core.user("ann", email="ann@example.com")
    core.user("li", email="li@example.com", locale="zh-CN")
    for chosen in ("zh-CN", "en"):
        set_default(core, chosen)
        for name in ("ann", "li"):
            core.reset_password(root, username=name, password="another password")
    assert ["zh-CN", "zh-CN", "en", "zh-CN"] == mailed(core)


def test_the_audit_log_says_when_somebody_chose_it(core: Core, ann) -> None:
    core.log_in("ann", PASSWORD, ENGLISH)
    core.update_profile(ann, locale="zh-CN")
    entry: AuditEntry = core.audit()[0]
    assert ("user.update_profile", 'locale: "en" -> "zh-CN"') == (entry.action, entry.detail)
