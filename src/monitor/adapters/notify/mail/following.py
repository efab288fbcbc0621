"""A mailer that follows the settings: each mail leaves as they say at that moment."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from monitor.adapters.notify.mail import server_of
from monitor.adapters.outbound.destinations import ANYWHERE, Destinations, Network
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.notifications.sender_ports import AccountNotice, Mailer, Message, SendResult, SendStatus
from monitor.domain.errors import Unavailable
from monitor.domain.notifications.mail_settings import MailSettings

TRIAL = 20.0
"""Seconds for a test: a person waits for it."""
_UNSENT = SendResult(SendStatus.RETRY, "no mail server is configured (SMTP_HOST, or the mail settings)")
_LOST = SendResult(SendStatus.RETRY, "the password of the mail server must be entered again")


@dataclass(frozen=True, slots=True)
class FollowingMailer(Mailer):
    """Without a mail server, mails wait in the outbox. *allowed*: networks that a host from the screen may lie in,
    besides public ones. *tried*: settings that are not saved, to try them."""

    find_settings: Callable[[], MailInForce]
    allowed: Sequence[Network]
    tried: MailSettings | None = None

    def using(self, settings: MailSettings) -> Mailer:
        return replace(self, tried=settings)

    @property
    def is_configured(self) -> bool:
        return (self.tried or self.find_settings()()).is_complete

    def send(self, address: str, message: Message) -> SendResult:
        return self._sent(lambda mailer, place: mailer.send(address, replace(message, sent_from=place)))

    def send_notice(self, notice: AccountNotice) -> SendResult:
        return self._sent(lambda mailer, place: mailer.send_notice(replace(notice, sent_from=place)))

    def _sent(self, send: Callable[[Mailer, str], SendResult]) -> SendResult:
        in_force = self.find_settings()
        mail = self.tried or in_force()
        server = server_of(mail)
        if server is None:
            return _LOST if mail.password_lost else _UNSENT
        # Imported here: it takes 3 MB, and many installations have no mail server.
        from monitor.adapters.notify.mail.smtp import TOTAL, SmtpMailer

        is_ours = mail.host == in_force.environment.host
        reach = ANYWHERE if is_ours else Destinations(self.allowed)
        mailer = SmtpMailer(server, destinations=reach, total=TOTAL if self.tried is None else TRIAL)
        result = send(mailer, in_force.sent_from)
        if result.status is SendStatus.SENT and self.tried is None:
            with suppress(Unavailable):  # the next mail notes it
                in_force.note_sent(mail)
        return result
