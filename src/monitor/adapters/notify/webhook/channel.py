"""The kind of channel that posts alerts as JSON. The package says what a receiver gets."""

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from monitor.adapters.notify.posting import posted
from monitor.adapters.notify.wording.facts import LONGEST_NAME, LONGEST_NOTE
from monitor.adapters.notify.wording.incident import incident_line
from monitor.adapters.notify.wording.texts import clean, clean_lines, stable_id
from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import url_problem, without_secrets
from monitor.application.notifications.sender_ports import ChannelSender, Item, Message, SendResult
from monitor.application.ports import Clock
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.quiet import Notice
from monitor.domain.errors import Problem
from monitor.domain.fleet.servers import Kind
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelKind, Input, Setting
from monitor.domain.times import SECOND, moment

VERSION = 1
_ALERT = (
    *("id", "server_id", "server_name", "ip_address", "metric", "level", "state", "value", "peak_level", "peak_value"),
    *("peak_at", "threshold", "kind", "expected_at", "policy_note", "started_at", "fired_at", "resolved_at"),
    *("acknowledged_at", "processes"),
)
"""Fields of an alert in the body: of the message's item, else of the alert."""


class WebhookSender(ChannelSender):
    """Posts alerts to one URL, signed if the channel has a secret."""

    form = ChannelForm(
        kind=ChannelKind("webhook"),
        label=("Webhook", "Webhook"),
        settings=(
            Setting(
                name="url",
                label=("URL", "URL"),
                hint=(
                    "以 JSON 发送 POST 请求。内网地址需先用 MONITOR_ALLOWED_DESTINATIONS 允许。",
                    "Alerts are sent as JSON in a POST request. To use a private address, allow it with "
                    "MONITOR_ALLOWED_DESTINATIONS.",
                ),
                required=True,
                secret=True,
            ),
            Setting(
                name="secret",
                label=("签名密钥", "Signing secret"),
                hint=(
                    "每次投递都会带 HMAC-SHA256 签名；留空则不签名。",
                    "Deliveries are signed with HMAC-SHA256. Leave empty to send them unsigned.",
                ),
                input=Input.PASSWORD,
                secret=True,
                longest=256,
            ),
        ),
    )

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock

    def problems(self, settings: Mapping[str, str]) -> dict[str, Problem]:
        problem = url_problem(settings["url"], self._outbound.destinations) if "url" in settings else None
        return {"url": problem} if problem is not None else {}

    def send(self, channel: Channel, message: Message) -> SendResult:
        body = json.dumps(_body(message), separators=(",", ":"), allow_nan=False).encode("ascii")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "monitor",
            "X-Monitor-Delivery": stable_id(message.message_id),
            **self._signature(channel.settings.get("secret", ""), body),
        }
        message.confirm()
        return posted(self._outbound, channel.settings.get("url", ""), body, headers).result

    def shown(self, channel: Channel) -> dict[str, str]:
        return super().shown(channel) | {"url": without_secrets(channel.settings.get("url", ""))}

    def _signature(self, secret: str, body: bytes) -> dict[str, str]:
        if not secret:
            return {}
        timestamp = str(int(self._clock.now().timestamp()))
        key = secret.encode("utf-8", "surrogatepass")
        mac = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256)
        return {"X-Monitor-Timestamp": timestamp, "X-Monitor-Signature": f"sha256={mac.hexdigest()}"}


def _body(message: Message) -> dict[str, Any]:
    return {
        "version": VERSION,
        "id": stable_id(message.message_id),
        "sent_at": _written(message.sent_at),
        "test": message.is_test,
        "incident": _incident(message),
        "items": [_item(item) for item in message.items],
        **({} if message.notice is None else {"turn": _turn(message.notice)}),  # only to a person's own way
    }


def _turn(notice: AccountMail) -> dict[str, Any]:
    named = {"rota": notice.name, "on_call": notice.changed_by, "open_alerts": notice.address}
    return {"event": notice.event, "at": _written(notice.at)} | {
        name: clean(text, LONGEST_NOTE) for name, text in named.items()
    }


def _incident(message: Message) -> dict[str, Any] | None:
    note = message.incident
    if note is None:
        return None
    (number, started_at), text = note.threads[0], incident_line(message)
    return {"id": number, "started_at": _written(started_at), "more": note.more, "text": text}


def _item(item: Item) -> dict[str, Any]:
    return {
        "event": (EventKind.FIRED if item.event_kind is EventKind.DUE else item.event_kind).value,
        "at": _written(item.at),
        "drill": item.alert.is_drill,
        "incident_id": item.alert.incident_id,
        "alert": _alert(item) | _of_check(item),
        "note": clean(item.note, LONGEST_NOTE),
        "quiet": None if item.notice is None else _quiet(item.notice),
        "link": item.link,
        **({"ack_link": item.ack_link} if item.ack_link else {}),  # only of a person's own way
    }


def _alert(item: Item) -> dict[str, Any]:
    own = {
        "server_name": clean(item.server_name, LONGEST_NAME),
        "ip_address": clean(item.ip_address, LONGEST_NAME),
        "metric": clean(item.alert.metric, LONGEST_NAME),
        "level": item.level,
        "value": item.value,
        "kind": item.alert.kind.name,
        "policy_note": clean_lines(item.policy_note),
        "processes": [
            {"name": clean(p.name, LONGEST_NAME), "cpu": _written(p.cpu), "memory": _written(p.memory)}
            for p in item.alert.processes
        ],
    }
    return {name: _written(own[name] if name in own else getattr(item.alert, name)) for name in _ALERT}


def _quiet(notice: Notice) -> dict[str, Any]:
    return {
        "why": notice.why.value,
        "held": notice.held,
        "held_from": None if notice.held_from is None else _written(moment(notice.held_from)),
        "held_longest": notice.held_longest / SECOND,
    }


def _of_check(item: Item) -> dict[str, Any]:
    match item.kind:
        case Kind.HOST:
            return {}
        case Kind.CHECK:
            target, failure = (clean(text, LONGEST_NOTE) for text in (item.target, item.failure))
            own = {"check_id": item.alert.server_id, "target": target, "failure": failure}
        case Kind.CHECK_IN:
            own = {"check_in_id": item.alert.server_id}
    return {"server_id": item.host_id, **own}


def _written(value: Any) -> Any:
    """Return a time as text, the name of a level, None for a number that JSON cannot hold, and the rest as it is."""
    match value:
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case Level():
            return value.name.lower()
        case float() if not math.isfinite(value):
            return None
    return value
