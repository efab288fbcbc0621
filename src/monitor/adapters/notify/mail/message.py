"""A message as a mail: headers, the text, and the HTML with its pictures (RFC 5322, 2047, 2387, 3834)."""

from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr

from monitor.adapters.notify.mail.html import mail_html
from monitor.adapters.notify.mail.text import mail_text
from monitor.adapters.notify.wording.chart import chart
from monitor.adapters.notify.wording.clean import clean, stable_id
from monitor.adapters.notify.wording.course import Course
from monitor.adapters.notify.wording.digest import subject
from monitor.adapters.notify.wording.facts import LONGEST_NAME
from monitor.application.notifications.ports import Item, Message


class _Policy(EmailPolicy):
    """Writes a subject that is not ASCII as encoded words alone (RFC 2047). Left to itself the library breaks lines
    between such words and plain ones so that some show up undecoded, and it loses spaces."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() != "subject" or self.utf8 or str(value).isascii():
            return str(super().fold(name, value))
        encoded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


# Seven-bit, since not every server takes eight.
_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit")


def mail(message: Message, *, sender: Address, recipient: Address) -> EmailMessage:
    """*recipient* alone will read it. International headers are written only to a mailbox that has them itself."""
    found = EmailMessage(policy=_POLICY.clone(utf8=not recipient.addr_spec.isascii()))
    key = stable_id(message.message_id)
    # The library decodes what looks encoded already, line breaks included, and writes those as they are: a way to
    # forge headers. Apart, the two characters begin nothing.
    found["Subject"] = subject(message).replace("=?", "= ?")
    found["From"] = sender
    found["To"] = recipient
    found["Date"] = format_datetime(message.sent_at)
    found["Message-ID"] = f"<{key}@monitor>"
    if (thread := _thread(message)) is not None:
        found["In-Reply-To"] = found["References"] = thread
    # Out-of-office replies and the like are for people.
    found["Auto-Submitted"] = "auto-generated"
    found["X-Auto-Response-Suppress"] = "All"
    _fill(found, message, key)
    return found


def mailbox(address: str, name: str = "") -> Address:
    """*address* with its domain as DNS knows it, so that most servers take an international one.

    Raises ValueError where it is none.
    """
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError("no @ with something before and behind it")
    plain = domain if domain.isascii() else domain.encode("idna").decode()
    return Address(display_name=clean(name, LONGEST_NAME), username=local, domain=plain)


def sender_of(text: str) -> Address:
    """Of "alerts@example.com" or "Operations <alerts@example.com>". Raises ValueError."""
    name, address = parseaddr(text)
    return mailbox(address, name or "monitor")


def _thread(message: Message) -> str | None:
    """What is told of one alert stands together: a common ancestor that was never sent (RFC 5322, 3.6.4)."""
    alerts = {(item.alert.id, int(item.alert.fired_at.timestamp())) for item in message.items if item.alert.id}
    if len(alerts) != 1:
        return None
    ((alert_id, fired_at),) = alerts
    return f"<alert-{alert_id}-{fired_at}@monitor>"


def _fill(found: EmailMessage, message: Message, key: str) -> None:
    pictures: list[bytes] = []

    def take(item: Item, course: Course) -> str:
        pictures.append(chart(course, item.level))
        return f"chart-{len(pictures)}.{key}@monitor"

    html = mail_html(message, take)
    found.set_content(mail_text(message))
    found.add_alternative(html, subtype="html")
    page = list(found.iter_parts())[-1]
    for number, picture in enumerate(pictures, start=1):
        page.add_related(
            picture,
            maintype="image",
            subtype="png",
            cid=f"<chart-{number}.{key}@monitor>",
            filename=f"chart-{number}.png",
            disposition="inline",
        )
