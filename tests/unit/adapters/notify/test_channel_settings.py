"""What an administrator may set for a channel, and what is shown of it."""

from datetime import UTC, datetime

import pytest

from monitor.adapters.memory.fakes import FixedClock, MemoryMailer
from monitor.adapters.notify.apprise.channel import AppriseSender
from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.application.notifications.sender_ports import (
    AccountNotice,
    ChannelSender,
    Mailer,
    Message,
    SendResult,
    SendStatus,
)
from monitor.domain.errors import InvalidInput
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.unit.adapters.notify.messages import NOON, a_message

WEBHOOK = WebhookSender(Outbound(destinations=Destinations(networks(["10.0.0.0/8"]))), FixedClock(NOON))
TEAM = TeamMailSender(MemoryMailer())
APPRISE = AppriseSender(Destinations(), is_installed=lambda: False)


def channel(kind: ChannelKind, **settings: str) -> Channel:
    return Channel(name="x", kind=kind, settings=settings, created_at=datetime(2026, 1, 1, tzinfo=UTC))


def problems(sender: ChannelSender, **settings: str) -> dict[str, str]:
    try:
        sender.check(channel(sender.form.kind, **settings))
    except InvalidInput as error:
        return {name: problem.code for name, problem in error.problems.items()}
    return {}


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example.com/a?b=c", "http://10.1.2.3:8080/x", "https://u:p@example.com/", "http://[2400:3200::1]/"],
)
def test_addresses_that_a_webhook_may_have(url):
    """Public by name or number, or allowed."""
    assert {} == problems(WEBHOOK, url=url, secret="s3cret")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "required"),
        ("example.com", "invalid_url"),
        ("ftp://example.com/", "invalid_url"),
        ("file:///etc/passwd", "invalid_url"),
        ("https://", "invalid_url"),
        ("https://example.com:99999/", "invalid_url"),
        ("https://[::1/", "invalid_url"),
        ("https://example.com/a b", "invalid_url"),
        ("https://example.com/\r\nX: y", "control_characters"),
        ("https://example.com/" + "a" * 2000, "too_long"),
        ("https://***@example.com/", "masked"),
        ("http://127.0.0.1/", "address_refused"),
        ("http://169.254.169.254/latest/meta-data", "address_refused"),
        ("http://[fd00:ec2::254]/", "address_refused"),
        ("http://[::ffff:127.0.0.1]/", "address_refused"),
    ],
)
def test_addresses_that_it_may_not_have(url, code):
    """Each with the reason."""
    assert {"settings.url": code} == problems(WEBHOOK, url=url)


def test_other_settings_of_a_webhook():
    """A shown secret that comes back is not taken for a new one."""
    assert {"settings.secret": "masked"} == problems(WEBHOOK, url="https://example.com", secret="***")
    assert {"settings.secret": "too_long"} == problems(WEBHOOK, url="https://example.com", secret="x" * 257)
    assert {"settings.color": "unknown_field"} == problems(WEBHOOK, url="https://example.com", color="red")


def test_what_a_webhook_shows():
    """Where it goes, and that there is a secret."""
    url = "https://user:pass@example.com:8443/hooks/1?token=abc&flag&x=#frag"
    shown = WEBHOOK.shown(channel(ChannelKind("webhook"), url=url, secret="s3cret"))
    assert {"url": "https://***@example.com:8443/***", "secret": "***"} == shown
    for plain in ("https://example.com", "https://example.com/", "http://[2001:db8::1]:8080/"):
        assert {"url": plain} == WEBHOOK.shown(channel(ChannelKind("webhook"), url=plain))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.slack.com/services/T00/B00/T0KEN", "https://hooks.slack.com/***"),
        ("https://discord.com/api/webhooks/1/T0KEN", "https://discord.com/***"),
        ("https://api.telegram.org/bot1:T0KEN/sendMessage?chat_id=7", "https://api.telegram.org/***"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/T0KEN", "https://open.feishu.cn/***"),
        ("https://oapi.dingtalk.com/robot/send?access_token=T0KEN", "https://oapi.dingtalk.com/***"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=T0KEN", "https://qyapi.weixin.qq.com/***"),
        ("https://example.com/?VDBLRU4=", "https://example.com/***"),
        ("https://example.com#T0KEN", "https://example.com/***"),
        ("https://T0KEN@example.com", "https://***@example.com"),
    ],
)
def test_where_services_put_their_tokens(url, shown):
    """Path, query or name: nothing of them is shown."""
    assert {"url": shown} == WEBHOOK.shown(channel(ChannelKind("webhook"), url=url))


def test_settings_of_a_team_mailbox():
    """An address, and a language that is spoken."""
    assert {} == problems(TEAM, address="team@example.com", locale="en")
    assert {} == problems(TEAM, address="team@example.com")
    assert {"settings.address": "required"} == problems(TEAM)
    assert {"settings.address": "invalid_email"} == problems(TEAM, address="a@b\r\nBcc: c@d")
    assert {"settings.locale": "not_one_of"} == problems(TEAM, address="team@example.com", locale="fr")
    assert {"settings.cc": "unknown_field"} == problems(TEAM, address="team@example.com", cc="x")


class Outbox(Mailer):
    """Takes everything."""

    is_configured = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []

    def send(self, address: str, message: Message) -> SendResult:
        self.sent.append((address, message))
        return SendResult(SendStatus.SENT)

    def send_notice(self, notice: AccountNotice) -> SendResult:
        raise AssertionError("channels have no accounts")


def test_a_team_mailbox_is_written_to_in_its_language():
    """The rest of the message is as it was."""
    outbox = Outbox()
    team = channel(ChannelKind("email"), address="team@example.com", locale="en")
    assert SendResult(SendStatus.SENT) == TeamMailSender(outbox).send(team, a_message(locale="zh-CN"))
    assert [("team@example.com", a_message(locale="en"))] == outbox.sent


def test_apprise_is_optional():
    """Without the library no channel of its kind can be created, and the refusal says why."""
    assert {"settings.url": "apprise_missing"} == problems(APPRISE, url="slack://a/b/c")
    assert {"settings.url": "required", "settings.locale": "not_one_of"} == problems(APPRISE, locale="fr")
    assert {"settings.url": "masked"} == problems(APPRISE, url="slack://***")


def test_an_apprise_address_is_a_secret_as_a_whole():
    """Only the name of the service is shown."""
    shown = APPRISE.shown(channel(ChannelKind("apprise"), url="DingTalk://token/phone", locale="en"))
    assert {"url": "dingtalk://***", "locale": "en"} == shown
    assert {"url": "***"} == APPRISE.shown(channel(ChannelKind("apprise"), url="t0ken"))
