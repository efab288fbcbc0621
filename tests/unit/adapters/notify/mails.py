"""A mail as a mail program sees it: parsed from the sent bytes."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

from monitor.adapters.notify.mail.message import mail, mailbox
from monitor.application.notifications.sender_ports import Message


def sent(message: Message, *, recipient: str = "ada@example.com", sender: str = "alerts@example.com") -> EmailMessage:
    wire = mail(message, sender=mailbox(sender, "monitor"), recipient=mailbox(recipient)).as_bytes()
    assert max(len(line) for line in wire.split(b"\r\n")) <= 998  # RFC 5322, 2.1.1
    return message_from_bytes(wire, policy=policy.SMTP)


def text_of(found: EmailMessage) -> str:
    part = found.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(found: EmailMessage) -> str:
    part = found.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def pictures_of(found: EmailMessage) -> dict[str, bytes]:
    """By content id."""
    return {part["Content-ID"]: part.get_content() for part in found.walk() if part.get_content_type() == "image/png"}


@dataclass
class Page(HTMLParser):
    """*tags* in order, with their attributes; *text* outside of them."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(found: EmailMessage) -> Page:
    page = Page()
    page.feed(html_of(found))
    page.close()
    assert page.open == []
    return page
