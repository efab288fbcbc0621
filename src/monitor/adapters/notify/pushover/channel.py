"""The kind of channel that pushes to phones through Pushover (its message API, version 1).

A warning has the priority 0, a critical alert 1, an end -1, which makes no sound. With *retry*, critical alerts are
emergencies (2): they ring again until somebody confirms them in the app. The service answers with a receipt, and calls
the acknowledging link then, if there is one. When the alert ends, the emergency does.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.adapters.notify.posting import Posted, posted
from monitor.adapters.notify.wording.digest import chat_text
from monitor.adapters.notify.wording.facts import is_ended
from monitor.adapters.notify.wording.texts import clean, language_of, say
from monitor.adapters.outbound.connections import Outbound
from monitor.application.notifications.sender_ports import ChannelSender, Item, Message, SendResult, SendStatus
from monitor.domain.errors import Problem
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelKind, Input, Setting

API = "https://api.pushover.net/1"
_LONGEST_TITLE, _LONGEST_TEXT, _LONGEST_LINK, _LONGEST_RECEIPT = 250, 1024, 512, 64
_RANGES = {"retry": (30, 3600), "expire": (60, 10800)}
"""In seconds, as the service takes them."""
_EXPIRE = 3600
_MOST_CANCELLED = 2
"""Emergencies that a message ends, since each takes a request. The others end when they expire."""
_EMERGENCY, _HIGH, _NORMAL, _QUIET = 2, 1, 0, -1


class PushoverSender(ChannelSender):
    """*api*: where the service is."""

    form = ChannelForm(
        kind=ChannelKind("pushover"),
        label=("Pushover", "Pushover"),
        settings=(
            Setting(
                name="token",
                label=("应用令牌", "Application token"),
                hint=("在 pushover.net 创建应用后获得。", "Of the application that you create at pushover.net."),
                required=True,
                secret=True,
                longest=50,
            ),
            Setting(name="user", label=("用户密钥", "User key"), required=True, secret=True, longest=50),
            Setting(name="device", label=("设备", "Device"), longest=50),
            Setting(
                name="retry",
                label=("紧急通知间隔（秒）", "Emergency: ring every … seconds"),
                hint=(
                    "严重告警会反复响铃，直到在应用中确认。30 到 3600；留空则只响一次。",
                    "Critical alerts ring until they are confirmed in the app. 30 to 3600; empty: they ring once.",
                ),
                longest=5,
            ),
            Setting(
                name="expire",
                label=("紧急通知时长（秒）", "Emergency: ring for … seconds"),
                hint=("60 到 10800，默认 3600。", "60 to 10800; 3600 by default."),
                longest=5,
            ),
            Setting(name="locale", label=("语言", "Language"), input=Input.LANGUAGE),
        ),
    )

    def __init__(self, outbound: Outbound, api: str = API) -> None:
        self._outbound = outbound
        self._api = api

    def problems(self, settings: Mapping[str, str]) -> dict[str, Problem]:
        return {
            name: Problem("out_of_range", {"low": low, "high": high})
            for name, (low, high) in _RANGES.items()
            if settings.get(name) and not low <= _number(settings[name]) <= high
        }

    def send(self, channel: Channel, message: Message) -> SendResult:
        settings = channel.settings
        message.confirm()
        answer = self._post("messages.json", _body(settings, message))
        if answer.result.status is not SendStatus.SENT:
            return SendResult(answer.result.status, _error(answer) or answer.result.error)
        if settings.get("retry"):
            for item in [item for item in message.items if is_ended(item)][:_MOST_CANCELLED]:
                self._post(f"receipts/cancel_by_tag/{_tag(item)}.json", {"token": settings.get("token", "")})
        receipt = _answered(answer.body).get("receipt", "")
        return SendResult(SendStatus.SENT, receipt=clean(str(receipt), _LONGEST_RECEIPT))

    def _post(self, path: str, body: Mapping[str, Any]) -> Posted:
        written, kind = json.dumps(body).encode("ascii"), {"Content-Type": "application/json"}
        return posted(self._outbound, f"{self._api}/{path}", written, kind)


def _body(settings: Mapping[str, str], message: Message) -> dict[str, Any]:
    title, text = chat_text(message)
    firing = [item for item in message.items if not is_ended(item)]
    body: dict[str, Any] = {
        **{name: settings[name] for name in ("token", "user", "device") if settings.get(name)},
        "title": _cut(title, _LONGEST_TITLE),
        "message": _cut(text, _LONGEST_TEXT),
        "timestamp": int(message.sent_at.timestamp()),
        "priority": _priority(settings, message, firing),
        **_link(firing, language_of(message.locale)),
    }
    if body["priority"] == _EMERGENCY:
        body |= {"retry": _number(settings["retry"]), "expire": _number(settings.get("expire") or str(_EXPIRE))}
        body["tags"] = ",".join(sorted({_tag(item) for item in firing}))
        if len(message.items) == 1 and firing[0].ack_link:
            body["callback"] = firing[0].ack_link
    return body


def _priority(settings: Mapping[str, str], message: Message, firing: Sequence[Item]) -> int:
    if not firing:
        return _NORMAL if message.is_test or message.notice is not None else _QUIET
    if max(item.level for item in firing) < Level.CRITICAL:
        return _NORMAL
    return _EMERGENCY if settings.get("retry") else _HIGH


def _link(firing: Sequence[Item], language: int) -> dict[str, str]:
    """Return the button below the text: for one alert, to acknowledge it."""
    item = firing[0] if len(firing) == 1 else None
    if item is None or not (link := item.ack_link or item.link) or len(link) > _LONGEST_LINK:
        return {}
    return {"url": link, "url_title": say("acknowledge" if item.ack_link else "open_alert", language)}


def _tag(item: Item) -> str:
    return f"alert-{item.alert.id}"


def _error(answer: Posted) -> str:
    errors = _answered(answer.body).get("errors")
    return clean(f"{answer.result.error}: {errors[0]}", 200) if isinstance(errors, list) and errors else ""


def _answered(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
