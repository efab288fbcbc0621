"""The kind of channel for a mailbox that belongs to no single user."""

from dataclasses import replace

from monitor.adapters.notify.settings import checked_locale, must_only_have, raise_problems
from monitor.application.ports.notifier import ChannelSender, Mailer, Message, Sending, Verdict
from monitor.domain.channels import Channel, ChannelKind
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import checked_email


class TeamMailSender(ChannelSender):
    """Settings: *address*, and *locale* where the mails are not to be in the default language."""

    kind = ChannelKind.EMAIL

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def check(self, channel: Channel) -> None:
        problems = must_only_have(channel.settings, "address", "locale") | checked_locale(channel.settings)
        try:
            if checked_email(channel.settings.get("address")) is None:
                problems["address"] = Problem("required")
        except InvalidInput as error:
            problems["address"] = error.problems["email"]
        raise_problems(problems)

    def send(self, channel: Channel, message: Message) -> Sending:
        locale = channel.settings.get("locale", message.locale)
        return self._mailer.send(channel.settings.get("address", "").strip(), replace(message, locale=locale))

    def shown(self, channel: Channel) -> dict[str, str]:
        return dict(channel.settings)


class NoMailer(Mailer):
    """Keeps what is to be sent waiting: once a mail server is configured it goes out."""

    def send(self, address: str, message: Message) -> Sending:
        return Sending(Verdict.RETRY, "no mail server is configured (SMTP_HOST)")

    @property
    def is_configured(self) -> bool:
        return False
