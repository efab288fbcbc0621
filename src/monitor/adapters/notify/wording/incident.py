"""What a message says of its incident: first what is common to its hosts, later how many alerts have joined."""

from monitor.adapters.notify.wording.facts import LONGEST_NAME
from monitor.adapters.notify.wording.texts import clean, language_of, say
from monitor.application.notifications.sender_ports import IncidentNote, Message
from monitor.domain.incidents.causes import CauseKind

_NAMED = 3
"""Healthy hosts that are named."""


def incident_title(message: Message) -> str:
    """Return such as "4 of 5 in rack-7", or "3 more in rack-7"; "" if there is nothing to say."""
    note, language = message.incident, language_of(message.locale)
    if note is None:
        return ""
    value, kind = clean(note.value, LONGEST_NAME), _KINDS.get(note.kind, "")
    if note.more:
        return say(f"more{kind}", language, count=note.more, value=value)
    if not (note.is_first and note.kind is not None and note.sick):
        return ""
    return say(f"sick{kind}", language, sick=note.sick, all=note.sick + len(note.healthy), value=value)


_KINDS: dict[CauseKind | None, str] = {
    CauseKind.TAG: "_in",
    CauseKind.NETWORK: "_in_network",
    CauseKind.SERVER: "_on",
    CauseKind.CHECK: "_on",
    None: "_here",
}


def incident_line(message: Message) -> str:
    """Return its title with the hosts that are healthy: the first line of the message."""
    title, note = incident_title(message), message.incident
    return title + _healthy(note, language_of(message.locale)) if title and note and not note.more else title


def _healthy(note: IncidentNote, language: int) -> str:
    if not note.healthy:
        return ""
    names = say("and", language).join(clean(name, LONGEST_NAME) for name in note.healthy[:_NAMED])
    count = len(note.healthy)
    key = "healthy" if count == 1 else "healthy_many" if count <= _NAMED else "healthy_more"
    return say(key, language, names=names, count=count - _NAMED)
