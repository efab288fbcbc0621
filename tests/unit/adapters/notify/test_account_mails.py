"""A mail about an account, read back as the recipient's program reads it."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.notify.mail.message import mailbox, notice_mail
from monitor.application.notifications.sender_ports import AccountNotice
from monitor.domain.accounts.account_mails import ABOUT_THE_SERVER, ABOUT_TURNS, AccountEvent
from monitor.domain.accounts.users import LOCALES
from tests.contracts.account_mails import a_mail
from tests.unit.adapters.notify.mails import html_of, page_of, text_of
from tests.unit.adapters.notify.messages import NOON
from tests.unit.adapters.notify.test_hostile_text import LIVE, SPITEFUL
from tests.unit.adapters.notify.test_mail import HEADERS

LINK = "https://monitor.example/profile"
OWN_HEADERS = HEADERS - {"In-Reply-To", "References"}
TEXT = """\
Your e-mail address was changed

Account:     ann
New address: new@example.com
When:        3 November 2026, 12:00:00 UTC
By:          root
From:        2001:db8::1

If this was neither you nor an administrator you asked, log in now, change your password, end your other sessions, and \
inform an administrator.
Open your account: https://monitor.example/profile

--\x20
Sent by monitor at 2026-11-03 12:00:00 UTC
"""
TEXT_ZH = """\
您的账号新增了一个通行密钥

账号：     ann
通行密钥： 手机
时间：     2026年11月3日 12:00:00（UTC）
操作人：   ann
来源地址： 服务端命令行

如果这不是您本人的操作，也不是您知晓的管理员所为，请立即登录并修改密码、结束其他会话，并联系管理员。

--\x20
由 monitor 于 2026-11-03 12:00:00 UTC 发送
"""


def sent(link: str | None = LINK, **changes: object) -> EmailMessage:
    mail = a_mail(**{"at": NOON, **changes})  # type: ignore[arg-type]  # names of fields
    notice = AccountNotice(message_id="n-1", mail=mail, sent_at=NOON, link=link)
    wire = notice_mail(notice, sender=mailbox("alerts@example.com", "monitor"), recipient=mailbox(mail.email))
    assert max(len(line) for line in wire.as_bytes().split(b"\r\n")) <= 998
    return message_from_bytes(wire.as_bytes(), policy=policy.SMTP)


def test_headers() -> None:
    """Those of an automatic mail to one person, and no others."""
    found = sent()
    assert OWN_HEADERS == set(found.keys())
    assert "[monitor] Your e-mail address was changed" == str(found["Subject"])
    assert ("ann@example.com", "<n-1@monitor>") == (str(found["To"]), found["Message-ID"])
    assert "multipart/alternative" == found.get_content_type()


def test_the_text_part() -> None:
    assert TEXT == text_of(sent())


def test_the_text_part_in_chinese_without_a_link_and_from_the_command_line() -> None:
    changes = {"event": AccountEvent.PASSKEY_ADDED, "name": "手机", "address": "", "changed_by": "ann"}
    assert TEXT_ZH == text_of(sent(None, locale="zh-CN", **changes))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("event", [event for event in AccountEvent if event not in ABOUT_THE_SERVER])
def test_every_event_is_written_in_both_languages(event: AccountEvent, locale: str) -> None:
    found = sent(event=event, locale=locale, name="the name")
    page = page_of(found)
    subject = str(found["Subject"]).removeprefix("[monitor] ")
    assert subject in text_of(found)
    assert f'<html lang="{locale}">' in html_of(found)
    owner = () if event in ABOUT_TURNS else ("ann",)
    assert all(shown in page.text for shown in (subject, *owner, "the name", "root", "2001:db8::1"))
    assert [LINK] == [attributes["href"] for tag, attributes in page.tags if tag == "a"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("event", ABOUT_THE_SERVER)
def test_a_mail_about_the_server_names_its_machine_and_the_error(event: AccountEvent, locale: str) -> None:
    found = sent(None, event=event, locale=locale, name="database or disk is full", address="monitor-1")
    subject = str(found["Subject"]).removeprefix("[monitor] ")
    for text in (text_of(found), page_of(found).text):
        assert all(shown in text for shown in (subject, "database or disk is full", "monitor-1"))
        assert "ann" not in text.replace("cannot", "")


def test_a_removed_address_is_named_as_none() -> None:
    assert "New address: (none)" in text_of(sent(name=""))


@given(SPITEFUL, SPITEFUL, SPITEFUL, SPITEFUL, st.sampled_from(LOCALES), st.sampled_from(AccountEvent))
def test_hostile_text_adds_no_header_and_no_markup(
    username: str, name: str, changed_by: str, address: str, locale: str, event: AccountEvent
) -> None:
    given = {"name": name, "changed_by": changed_by, "address": address, "locale": locale, "event": event}
    found = sent(username=username, **given)
    assert OWN_HEADERS == set(found.keys())
    assert len(OWN_HEADERS) == len(found.keys())
    assert str(sent(locale=locale, event=event)["Subject"]) == str(found["Subject"])
    page = page_of(found)
    assert not LIVE & {tag for tag, _ in page.tags}
    assert [LINK] == [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert max(map(len, text_of(found).splitlines())) < 500
