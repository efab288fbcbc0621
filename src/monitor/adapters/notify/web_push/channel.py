"""The kind of way that pushes to a browser.

The browser gets JSON, which the screen's service worker shows: `title`, `body`, `level`, `tag`, `locale`, `link` and
`ack_link` (null if there is none). Of pushes about the same alert, or about an incident as a whole, that wait for the
browser the service keeps the newest (`Topic`), and a newer notification replaces the one that is shown (`tag`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.adapters.notify.posting import posted
from monitor.adapters.notify.web_push.encryption import MOST, as_bytes, encrypted, public_key
from monitor.adapters.notify.web_push.vapid import DerivedPushKeys
from monitor.adapters.notify.wording.digest import subject
from monitor.adapters.notify.wording.facts import facts, is_ended
from monitor.adapters.notify.wording.headline import headline
from monitor.adapters.notify.wording.texts import language_of, say
from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import url_problem
from monitor.application.notifications.sender_ports import (
    ChannelSender,
    IncidentNote,
    Item,
    Message,
    SendResult,
    SendStatus,
)
from monitor.application.ports import Clock
from monitor.domain.errors import Problem
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelKind, Setting
from monitor.domain.oncall.ways import WEB_PUSH

TTL = 86_400
"""Seconds for which the service keeps it for a browser that is away: as long as a mail is tried."""
_MOST_LINES = 8
_ENDED = SendResult(SendStatus.REFUSED, "the subscription has ended")
_OTHER_KEY = SendResult(SendStatus.REFUSED, "the push service does not know this server's key: subscribe again")


class WebPushSender(ChannelSender):
    """*contact*: a URL by which a push service can reach the operator, if there is one."""

    form = ChannelForm(
        kind=ChannelKind(WEB_PUSH),
        label=("浏览器推送", "Browser push"),
        settings=(
            Setting(name="label", label=("浏览器", "Browser"), longest=100),
            Setting(name="endpoint", label=("推送地址", "Push address"), required=True, secret=True),
            Setting(name="p256dh", label=("公钥", "Public key"), required=True, secret=True, longest=100),
            Setting(name="auth", label=("共享密钥", "Shared secret"), required=True, secret=True, longest=100),
        ),
        is_personal=True,
    )

    def __init__(self, outbound: Outbound, clock: Clock, keys: DerivedPushKeys, contact: str | None = None) -> None:
        self._outbound = outbound
        self._clock = clock
        self._keys = keys
        self._contact = contact

    def problems(self, settings: Mapping[str, str]) -> dict[str, Problem]:
        problem = url_problem(settings["endpoint"], self._outbound.destinations) if "endpoint" in settings else None
        found = {} if problem is None else {"endpoint": problem}
        for name in ("p256dh", "auth"):
            if name in settings and not _is_key(name, settings[name]):
                found[name] = Problem("invalid_push_key")
        return found

    def send(self, channel: Channel, message: Message) -> SendResult:
        settings = channel.settings
        endpoint, topic = settings.get("endpoint", ""), _tag(message)
        is_urgent = any(item.level is Level.CRITICAL and not is_ended(item) for item in message.items)
        try:
            body = encrypted(_payload(message), *(as_bytes(settings.get(name, "")) for name in ("p256dh", "auth")))
        except ValueError:
            return SendResult(SendStatus.REFUSED, "the keys of the subscription are not valid")
        headers = {
            "Authorization": self._keys.authorization(endpoint, self._contact, self._clock.now()),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(TTL),
            "Urgency": "high" if is_urgent else "normal",
            **({"Topic": topic} if topic else {}),
        }
        message.confirm()
        answer = posted(self._outbound, endpoint, body, headers)
        if answer.status in (404, 410):
            return _ENDED
        return _OTHER_KEY if answer.status in (401, 403) else answer.result


def _is_key(name: str, text: str) -> bool:
    try:
        key = as_bytes(text)
        return len(key) == 16 if name == "auth" else len(key) == 65 and bool(public_key(key))
    except ValueError:
        return False


def _tag(message: Message) -> str:
    """Return the name of what the message is about; "" for several alerts: it replaces nothing."""
    ids = {item.alert.id for item in message.items}
    if message.incident is not None and _is_about_all(message.incident, message.items):
        return f"incident-{message.incident.threads[0][0]}"
    return f"alert-{ids.pop()}" if len(ids) == 1 else ""


def _is_about_all(note: IncidentNote, items: Sequence[Item]) -> bool:
    """Tell whether the message is about an incident as a whole. That of one host has further messages about other
    alerts, which replace nothing."""
    if note.kind is not None or note.more:
        return True
    is_whole = note.is_first or len({item.host_id for item in items}) > 1 or all(map(is_ended, items))
    return is_whole and len({item.alert.id for item in items}) > 1


def _payload(message: Message) -> bytes:
    """Return at most MOST bytes: the text is shortened."""
    language, items = language_of(message.locale), message.items
    lines = _lines(message, language)
    firing = [item for item in items if not is_ended(item)]
    level = max((item.level for item in firing), default=Level.OK)
    content: dict[str, Any] = {
        "title": subject(message),
        "body": "",
        "level": level.name.lower(),
        "tag": _tag(message) or message.message_id,
        "locale": message.locale,
        "link": items[0].link if items else None,
        "ack_link": firing[0].ack_link if len(items) == len(firing) == 1 else None,
    }
    while len(payload := _written(content | {"body": "\n".join(lines)})) > MOST and lines:
        lines.pop()
    return payload


def _lines(message: Message, language: int) -> list[str]:
    if message.is_test:
        return [say("test_body", language)]
    if len(message.items) == 1:
        found = facts(message.items[0], language, message.sent_at)
        return [f"{fact.label}{say('colon', language)}{fact.text}" for fact in found][:_MOST_LINES]
    return [headline(item, language, message.sent_at) for item in message.items[:_MOST_LINES]]


def _written(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
