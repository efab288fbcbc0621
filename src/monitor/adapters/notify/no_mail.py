"""Stands where no mail server is configured."""

from monitor.application.ports.notifier import Mailer, Message, Sending, Verdict


class NoMailer(Mailer):
    """Keeps what is to be sent waiting: once a mail server is configured it goes out."""

    def send(self, address: str, message: Message) -> Sending:
        return Sending(Verdict.RETRY, "no mail server is configured (SMTP_HOST)")

    @property
    def is_configured(self) -> bool:
        return False
