"""The items of a message, the most urgent first, and the subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.adapters.notify.wording.facts import headline, is_ended
from monitor.adapters.notify.wording.texts import language_of, level_name, say
from monitor.application.notifications.ports import Item, Message
from monitor.domain.levels import Level

MOST_LISTED = 50
LONGEST_SUBJECT = 180


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one title. *title*: empty if the message has only one item. *items*: those listed in full."""

    title: str
    items: Sequence[Item]


def subject(message: Message) -> str:
    """Return one line with host, metric, level and value of the only alert, or of the most severe one."""
    language = language_of(message.locale)
    test = f"[{say('test_tag', language)}] " if message.is_test else ""
    if not message.items:
        return test + say("test_subject" if message.is_test else "nothing", language)
    alerts = _count_alerts(message)
    if alerts == 1:
        return _cut(test + headline(message.items[-1], language, message.sent_at))
    count = say("count", language, count=alerts) + say("colon", language)
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
