"""The plain text of a mail."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from monitor.adapters.notify.wording.digest import groups, subject, unlisted
from monitor.adapters.notify.wording.facts import facts, headline, processes, utc
from monitor.adapters.notify.wording.metrics import format_value
from monitor.adapters.notify.wording.texts import language_of, say
from monitor.adapters.notify.wording.trend import sparkline, trend_of
from monitor.application.notifications.ports import Item, Message


def mail_text(message: Message) -> str:
    language = language_of(message.locale)
    text = "\n".join(_lines(message, language)).strip("\n")
    return f"{text}\n\n-- \n{say('footer', language, time=utc(message.sent_at))}\n"


def _lines(message: Message, language: int) -> Iterator[str]:
    if message.is_test:
        yield say("test_body", language)
    elif len(message.items) != 1:
        yield subject(message)
    for group in groups(message):
        if group.title:
            yield from ("", f"== {group.title} ==")
        for item in group.items:
            yield ""
            yield from _item_lines(item, message, language)
    if (count := unlisted(message)) > 0:
        yield from ("", say("more", language, count=count))


def _item_lines(item: Item, message: Message, language: int) -> Iterator[str]:
    yield headline(item, language, message.sent_at)
    yield ""
    yield from _columns([(fact.label, fact.text) for fact in facts(item, language, message.sent_at)], language)
    if (trend := trend_of(item)) is not None:
        metric = item.alert.metric
        low, high = (format_value(metric, value, language) for value in (trend.lowest, trend.highest))
        yield say("last_hour", language) + say("colon", language).rstrip()
        yield f"  |{sparkline(trend)}| {say('from_to', language, low=low, high=high)}"
    if top := processes(item, language):
        yield say("process", language) + say("colon", language).rstrip()
        yield from _columns([(f"  {fact.label}", fact.text) for fact in top], language)
    for key, link in (("open_alert", item.link), ("acknowledge", item.ack_link)):
        if link:
            yield say(key, language) + say("colon", language) + link


def _columns(rows: list[tuple[str, str]], language: int) -> Iterator[str]:
    colon = say("colon", language).strip()
    widest = max((_width(label) for label, _ in rows), default=0)
    for label, text in rows:
        yield f"{label}{colon}{' ' * (widest - _width(label) + 1)}{text}"


def _width(text: str) -> int:
    """Return the width in cells of a fixed-width font, where a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
