"""Every message has its links in its text, whatever reads it: a mail program, a chat, a program."""

import pytest

from monitor.adapters.notify.webhook.channel import _body
from monitor.adapters.notify.wording.digest import LONGEST, chat_text
from monitor.application.notifications.sender_ports import Message
from monitor.domain.policies.policies import LONGEST_NOTE
from tests.unit.adapters.notify.mails import html_of, sent, text_of
from tests.unit.adapters.notify.messages import a_message, an_alert, an_item

LINK = "https://monitor.example/alerts/12"
ACK = f"https://monitor.example/ack/7-{'0a' * 32}"
NOTE = "# Full\n" + "look *here* " * (LONGEST_NOTE // 12 - 1)
MESSAGES = {
    "one alert": a_message(an_item()),
    "one with a long note": a_message(an_item(policy_note=NOTE)),
    "several": a_message(an_item(), an_item(alert=an_alert(id=13), link="https://monitor.example/alerts/13")),
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_channel_s_message_has_the_link_of_each_alert(message: Message):
    _, chat = chat_text(message)
    mail = sent(message)
    body = _body(message)
    for item in message.items:
        assert item.link in chat.splitlines(), "on a line of its own, so that every chat makes a link of it"
        assert item.link in text_of(mail)
        assert f'href="{item.link}"' in html_of(mail)
    assert [item.link for item in message.items] == [each["link"] for each in body["items"]]
    assert len(chat) < LONGEST + 100
    assert "/ack/" not in chat + text_of(mail) + html_of(mail)
    assert not any("ack_link" in each for each in body["items"])


@pytest.mark.parametrize("note", ["", NOTE])
def test_a_person_s_own_way_acknowledges_by_it(note: str):
    message = a_message(an_item(ack_link=ACK, policy_note=note))
    _, chat = chat_text(message)
    assert f"Acknowledge: {ACK}" in chat.splitlines()
    assert ACK in text_of(sent(message))
    assert [ACK] == [each["ack_link"] for each in _body(message)["items"]]


def test_no_link_is_changed_by_markdown():
    """Chats read `_` and `*` as marks."""
    _, chat = chat_text(a_message(an_item(ack_link=ACK)))
    links = [word for word in chat.split() if word.startswith("https://")]
    assert [LINK, ACK] == links
    assert not set("_*~`") & set("".join(links))
