"""The items of a message, the most urgent first, and the subject."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.adapters.notify.wording.account_texts import account_advice, account_facts, account_headline
from monitor.adapters.notify.wording.facts import Fact, facts, is_ended, utc
from monitor.adapters.notify.wording.headline import headline
from monitor.adapters.notify.wording.incident import incident_line, incident_title
from monitor.adapters.notify.wording.texts import clean_lines, language_of, level_name, say
from monitor.application.notifications.sender_ports import Item, Message
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.levels import Level

MOST_LISTED = 50
LONGEST_SUBJECT = 180


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one title. *title*: empty if the message has only one item. *items*: those listed in full."""

    title: str
    items: Sequence[Item]


def subject(message: Message) -> str:
    """Return one line with what is said of the incident, and host, metric, level and value of the most severe alert; of
    a notice all that it says, since a push to a browser has nothing else."""
    language = language_of(message.locale)
    if message.notice is not None:
        said = say("comma", language).join(fact.text for fact in account_facts(message.notice, language))
        return _cut(account_headline(message.notice, language) + say("colon", language) + said)
    test = f"[{say('test_tag', language)}] " if message.is_test else ""
    if not message.items:
        return test + say("test_subject" if message.is_test else "nothing", language)
    alerts, title = _count_alerts(message), incident_title(message)
    if alerts == 1:
        title += say("colon", language) if title else ""
        return _cut(test + title + headline(message.items[-1], language, message.sent_at))
    count = (title or say("count", language, count=alerts)) + say("colon", language)
    return _cut(test + count + headline(_sorted(message.items)[0], language, message.sent_at) + " …")


def groups(message: Message) -> list[Group]:
    """Return firing alerts by level, the most severe first, then ended ones. At most MOST_LISTED items in total."""
    language = language_of(message.locale)
    listed, found = MOST_LISTED, []
    for key, members in groupby(_sorted(message.items), key=_group):
        items = list(members)
        title = "" if len(message.items) == 1 else _title(key, len(items), language)
        if listed > 0:
            found.append(Group(title, items[:listed]))
        listed -= len(items)
    return found


def unlisted(message: Message) -> int:
    """Return the number of items that are not listed."""
    return max(0, len(message.items) - MOST_LISTED)


def _count_alerts(message: Message) -> int:
    """Return the number of different alerts: one that fired and ended is listed twice."""
    return len({(item.alert.server_id, item.server_name, item.alert.metric, item.alert.id) for item in message.items})


def _sorted(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (*_group(item), item.alert.fired_at, item.alert.id, item.at))


def _group(item: Item) -> tuple[bool, int]:
    """Return the key of the group: all ended alerts together, the others by level."""
    return (True, 0) if is_ended(item) else (False, -item.level)


def _title(key: tuple[bool, int], count: int, language: int) -> str:
    ended, level = key
    if ended:
        return say("ended_group", language, count=count)
    return say("firing_group", language, level=level_name(Level(-level), language), count=count)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"


LONGEST = 3000
"""In characters: below the limits of the services (Telegram 4,096, Slack 3,000 a block)."""


def chat_text(message: Message) -> tuple[str, str]:
    """Return title and text."""
    language, notice = language_of(message.locale), message.notice
    text = ""
    for line in _lines(message, language) if notice is None else _notice_lines(notice, language):
        if len(text) + len(line) >= LONGEST - 100:
            text += "…\n"
            break
        text += line + "\n"
    footer = say("footer", language, time=utc(message.sent_at))
    title = subject(message) if notice is None else account_headline(notice, language)
    return _harmless(title), _harmless(text) + footer


def _notice_lines(notice: AccountMail, language: int) -> Iterator[str]:
    yield from (_line(fact, language) for fact in account_facts(notice, language))
    yield account_advice(notice, language)


def _lines(message: Message, language: int) -> Iterator[str]:
    if line := say("test_body", language) if message.is_test else incident_line(message):
        yield line
    for group in groups(message):
        if group.title:
            yield group.title
        for item in group.items:
            if group.title:
                yield headline(item, language, message.sent_at)
            else:
                yield from (_line(fact, language) for fact in facts(item, language, message.sent_at))
            if item.link:
                yield item.link
            if item.ack_link:
                yield f"{say('acknowledge', language)}{say('colon', language)}{item.ack_link}"
            if not group.title and (note := clean_lines(item.policy_note)):  # last: a long one is cut, no link is
                yield f"{say('what_to_do', language)}{say('colon', language).rstrip()}\n{note}"
    if (count := unlisted(message)) > 0:
        yield say("more", language, count=count)


def _line(fact: Fact, language: int) -> str:
    return f"{fact.label}{say('colon', language)}{fact.text}"


def _harmless(text: str) -> str:
    """Return *text* with an invisible space after each @, so that a host named "@all" notifies no one by its name."""
    return text.replace("@", "@\u200b")
