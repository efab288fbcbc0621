"""What is about turns on call, as each kind of way says it."""

import json
from datetime import timedelta

from monitor.adapters.notify.pushover.channel import _body as pushover_body
from monitor.adapters.notify.web_push.channel import _payload
from monitor.adapters.notify.webhook.channel import _body as webhook_body
from monitor.adapters.notify.wording.digest import LONGEST_SUBJECT, chat_text
from monitor.application.notifications.sender_ports import Message
from monitor.domain.accounts.account_mails import AccountEvent
from tests.contracts.account_mails import a_mail
from tests.unit.adapters.notify.mails import html_of, sent, text_of
from tests.unit.adapters.notify.messages import NOON

LINE = "The turn on call was handed over: nights, eve, web-1 cpu, 3 November 2026, 12:00:00 UTC"


def a_turn(what: str = "web-1 cpu", event: AccountEvent = AccountEvent.HANDED_OVER) -> Message:
    notice = a_mail(event=event, name="nights", changed_by="eve", address=what, at=NOON)
    return Message(message_id="m-1", locale="en", items=(), sent_at=NOON + timedelta(seconds=5), notice=notice)


def test_a_chat_has_a_title_and_lines() -> None:
    title, text = chat_text(a_turn())
    assert "The turn on call was handed over" == title
    assert [
        "Rota: nights",
        "On call from then on: eve",
        "Open alerts: web-1 cpu",
        "Hand-over: 3 November 2026, 12:00:00 UTC",
    ] == text.splitlines()[:4]


def test_a_push_to_a_phone_makes_a_sound() -> None:
    body = pushover_body({"retry": "30"}, a_turn())
    assert ("The turn on call was handed over", 0) == (body["title"], body["priority"])
    assert "Open alerts: web-1 cpu" in body["message"]


def test_a_push_to_a_browser_and_a_second_mailbox_have_all_of_it_in_one_line() -> None:
    payload = json.loads(_payload(a_turn()))
    assert (LINE, "m-1", None) == (payload["title"], payload["tag"], payload["link"])
    mail = sent(a_turn())
    assert LINE == mail["Subject"].removeprefix("[monitor] ")
    assert LINE in text_of(mail)
    assert LINE in html_of(mail)


def test_a_long_list_is_cut() -> None:
    payload = json.loads(_payload(a_turn("web-1 cpu, " * 30)))
    assert LONGEST_SUBJECT == len(payload["title"])


def test_a_program_gets_it_in_fields() -> None:
    body = webhook_body(a_turn("", AccountEvent.ON_CALL_SOON))
    expected = {"event": "on_call_soon", "at": "2026-11-03T12:00:00Z", "rota": "nights", "on_call": "eve"}
    assert ([], expected | {"open_alerts": ""}) == (body["items"], json.loads(json.dumps(body["turn"])))
    assert "turn" not in webhook_body(Message(message_id="m-2", locale="en", items=(), sent_at=NOON, is_test=True))
