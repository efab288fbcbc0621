"""The kind of channel for a mailbox that belongs to no single user."""

from dataclasses import replace

from monitor.application.notifications.sender_ports import ChannelSender, Mailer, Message, SendResult
from monitor.domain.notifications.channels import EMAIL, Channel, ChannelForm, Input, Setting


class TeamMailSender(ChannelSender):
    """Sends alerts to one address, in the language of the channel."""

    form = ChannelForm(
        kind=EMAIL,
        label=("邮箱", "E-mail"),
        settings=(
            Setting(name="address", label=("邮箱地址", "E-mail address"), input=Input.EMAIL, required=True),
            Setting(name="locale", label=("语言", "Language"), input=Input.LANGUAGE),
        ),
    )

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def send(self, channel: Channel, message: Message) -> SendResult:
        locale = channel.settings.get("locale", message.locale)
        return self._mailer.send(channel.settings.get("address", "").strip(), replace(message, locale=locale))
