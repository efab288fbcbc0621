"""A message as a mail: headers, text, and HTML with its charts (RFC 5322, 2047, 2387, 3834)."""

from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr

from monitor.adapters.notify.mail.bodies import mail_html, mail_text, notice_html, notice_subject, notice_text
from monitor.adapters.notify.wording.chart import Trend, chart
from monitor.adapters.notify.wording.digest import subject
from monitor.adapters.notify.wording.facts import LONGEST_NAME
from monitor.adapters.notify.wording.texts import clean, stable_id
from monitor.application.notifications.sender_ports import AccountNotice, Item, Message


class _Policy(EmailPolicy):
    """Writes a subject that is not ASCII as encoded words only (RFC 2047). The library alone mixes encoded and plain
    words, loses spaces, and leaves some words undecoded."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() != "subject" or self.utf8 or str(value).isascii():
            return str(super().fold(name, value))
        encoded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


_MOST_THREADS = 20
# Not every server accepts eight bits.
_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit")


def mail(message: Message, *, sender: Address, recipient: Address) -> EmailMessage:
    """Return *message* as a mail. Headers are international only if the address of *recipient* is."""
    key = stable_id(message.message_id)
    found = _addressed(subject(message), key, message.sent_at, sender, recipient)
    if threads := _threads(message):
        found["In-Reply-To"], found["References"] = threads[0], " ".join(threads)
    _fill(found, message, key)
    return found


def notice_mail(notice: AccountNotice, *, sender: Address, recipient: Address) -> EmailMessage:
    found = _addressed(notice_subject(notice), stable_id(notice.message_id), notice.sent_at, sender, recipient)
    found.set_content(notice_text(notice))
    found.add_alternative(notice_html(notice), subtype="html")
    return found


def _addressed(title: str, key: str, sent_at: datetime, sender: Address, recipient: Address) -> EmailMessage:
    found = EmailMessage(policy=_POLICY.clone(utf8=not recipient.addr_spec.isascii()))
    # The library decodes text that looks encoded, line breaks included, and writes them out: a way to forge headers.
    # With a space between, the two characters start no encoded word.
    found["Subject"] = title.replace("=?", "= ?")
    found["From"] = sender
    found["To"] = recipient
    found["Date"] = format_datetime(sent_at)
    found["Message-ID"] = f"<{key}@monitor>"
    # Prevents out-of-office replies.
    found["Auto-Submitted"] = "auto-generated"
    found["X-Auto-Response-Suppress"] = "All"
    return found


def mailbox(address: str, name: str = "") -> Address:
    """Return *address* with its domain in the ASCII form of DNS, which most servers accept. Raises ValueError."""
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError("no @ between a name and a domain")
    plain = domain if domain.isascii() else domain.encode("idna").decode()
    return Address(display_name=clean(name, LONGEST_NAME), username=local, domain=plain)


def sender_of(text: str) -> Address:
    """Parse "alerts@example.com" or "Operations <alerts@example.com>". Raises ValueError."""
    name, address = parseaddr(text)
    return mailbox(address, name or "monitor")


def _threads(message: Message) -> list[str]:
    """Return the ids of the threads of one incident, with those that it was merged from, and of one alert: ancestors
    that were never sent (RFC 5322, 3.6.4)."""
    incidents = message.incident.threads[:_MOST_THREADS] if message.incident is not None else ()
    alerts = {(item.alert.id, item.alert.fired_at) for item in message.items if item.alert.id}
    named = [("incident", *each) for each in incidents] + [("alert", *each) for each in alerts if len(alerts) == 1]
    return [f"<{what}-{number}-{int(at.timestamp())}@monitor>" for what, number, at in named]


def _fill(found: EmailMessage, message: Message, key: str) -> None:
    pictures: list[bytes] = []

    def take(item: Item, trend: Trend) -> str:
        pictures.append(chart(trend, item.level))
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
