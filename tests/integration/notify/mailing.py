"""A mail sent to a server of the test."""

from monitor.adapters.notify.mail.smtp import SmtpMailer
from monitor.application.notifications.sender_ports import SendResult
from tests.integration.notify.listening import client_tls
from tests.integration.notify.smtp_servers import server_at
from tests.unit.adapters.notify.messages import a_message, an_item

TO = "ada@example.com"


MESSAGE = a_message(an_item(), message_id="0123456789abcdef")


def send(port, address=TO, *, total=20.0, tls=None, message=MESSAGE, **settings) -> SendResult:
    mailer = SmtpMailer(
        server_at(port, **settings), tls=tls or client_tls(), resolver=lambda *_: ["127.0.0.1"], total=total
    )
    return mailer.send(address, message)
