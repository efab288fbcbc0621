"""The kinds of channels. A new kind is a folder beside this file, and one line in KINDS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.adapters.notify.apprise.channel import AppriseSender
from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.notify.pushover.channel import PushoverSender
from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.outbound.connections import Outbound
from monitor.application.notifications.sender_ports import ChannelSender, Mailer
from monitor.application.ports import Clock
from monitor.domain.notifications.channels import ChannelKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What senders are made from."""

    mailer: Mailer
    outbound: Outbound
    clock: Clock


Kind = Callable[[Tools], ChannelSender]

KINDS: tuple[Kind, ...] = (
    lambda tools: TeamMailSender(tools.mailer),
    lambda tools: WebhookSender(tools.outbound, tools.clock),
    lambda tools: PushoverSender(tools.outbound),
    lambda tools: AppriseSender(tools.outbound.destinations),
)
"""In the order in which a form offers them."""


def senders(tools: Tools, kinds: Iterable[Kind] = KINDS) -> dict[ChannelKind, ChannelSender]:
    return {sender.form.kind: sender for sender in (kind(tools) for kind in kinds)}
