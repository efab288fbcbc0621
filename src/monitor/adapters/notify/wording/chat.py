"""A message for chats: a few plain lines."""

from collections.abc import Iterator

from monitor.adapters.notify.wording.digest import groups, subject, unlisted
from monitor.adapters.notify.wording.facts import facts, headline, utc
from monitor.adapters.notify.wording.texts import language_of, say
from monitor.application.notifications.ports import Message

LONGEST = 3000
"""In characters: below the limits of the services (Telegram 4,096, Slack 3,000 a block)."""


def chat_text(message: Message) -> tuple[str, str]:
    """Return title and text."""
    language = language_of(message.locale)
    text = ""
    for line in _lines(message, language):
        if len(text) + len(line) >= LONGEST - 100:
            text += "…\n"
            break
        text += line + "\n"
    footer = say("footer", language, time=utc(message.sent_at))
    return _harmless(subject(message)), _harmless(text) + footer


def _lines(message: Message, language: int) -> Iterator[str]:
    if message.is_test:
        yield say("test_body", language)
    for group in groups(message):
        if group.title:
            yield group.title
        for item in group.items:
            if group.title:
                yield headline(item, language, message.sent_at)
            else:
                yield from (
                    f"{f.label}{say('colon', language)}{f.text}" for f in facts(item, language, message.sent_at)
                )
            if item.link:
                yield item.link
    if (count := unlisted(message)) > 0:
        yield say("more", language, count=count)


def _harmless(text: str) -> str:
    """Return *text* with an invisible space after each @, so that a host named "@all" notifies no one by its name."""
    return text.replace("@", "@\u200b")
