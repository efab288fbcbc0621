"""Which entry of a file is which stored thing, and the thing with what the entry says of it.

A rename is a rename, though files hold no ids. What a file does not show, such as secrets, stays as it is.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.domain.configuration import values
from monitor.domain.configuration.references import References
from monitor.domain.configuration.sections import CHANNELS, CHECKS, ESCALATIONS, POLICIES, TEAMS, Section
from monitor.domain.configuration.values import Plain, Unread
from monitor.domain.configuration.writing import shown_settings, written
from monitor.domain.errors import Problem
from monitor.domain.notifications.channels import MASK, Channel
from monitor.domain.oncall.escalations import checked_escalation
from monitor.domain.policies.changing import checked_policy

_CHECKED = {"metric", "kind", "warning", "critical", "direction", "clear_margin"}
"""Fields of a policy whose change has it checked again: a stored one may be older than the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Entry of a file, or a stored thing as a file would have it. *was*: the key of the thing that it renames.

    *key*: its key in the file; of a policy what it is about, of a silence all of it. *name*: None for these two.
    *fixed*: what cannot change; another value makes it another thing.
    """

    key: Hashable
    content: Mapping[str, Plain]
    name: str | None = None
    was: str | None = None
    fixed: Hashable = None


def matches(entries: Sequence[Entry], stored: Sequence[Entry]) -> list[int | None]:
    """Return for each entry the place of its stored thing, None if it is new.

    In this order: the thing that `was` names if no other keeps the key (else the renaming is done, and the old name may
    be another's), the one with the same key, one of the same name, and the only one left with the same content if there
    is one entry alone for it.
    """
    renamed = _renamed(entries, stored)
    found: list[int | None] = [None] * len(entries)
    taken: set[int] = set()

    def take(wanted: Callable[[Entry], Hashable], held: Callable[[Entry], Hashable], *, alone: bool = False) -> None:
        free = [(held(each), place) for place, each in enumerate(stored) if place not in taken]
        asking = [(wanted(each), place) for place, each in enumerate(entries) if found[place] is None]
        several = _repeated(free) | _repeated(asking) if alone else set()
        places: dict[Hashable, list[int]] = {}
        for key, place in reversed(free):
            places.setdefault(key, []).append(place)
        for key, place in asking:
            if key is not None and key not in several and places.get(key):
                found[place] = places[key].pop()
                taken.add(found[place] or 0)

    def before(entry: Entry) -> Hashable:
        return (entry.was, entry.fixed) if (entry.key, entry.fixed) in renamed else None

    take(before, lambda each: (each.key, each.fixed))
    take(lambda each: (each.key, each.fixed), lambda each: (each.key, each.fixed))
    take(lambda each: each.name and (each.name, each.fixed), lambda each: (each.name, each.fixed))
    take(lambda each: (frozen(each.content), each.fixed), lambda each: (frozen(each.content), each.fixed), alone=True)
    return found


def _renamed(entries: Sequence[Entry], stored: Sequence[Entry]) -> set[Hashable]:
    """Return the keys of the entries whose `was` counts. What is renamed gives up its key, which another may take."""
    keys = {(each.key, each.fixed) for each in stored}
    before = {(each.key, each.fixed): (each.was, each.fixed) for each in entries if each.was is not None}
    found: set[Hashable] = set()
    counting = [key for key in before if key not in keys]
    while counting:
        key = counting.pop()
        found.add(key)
        if (freed := before[key]) in before and freed not in found:
            counting.append(freed)
    return found


def _repeated(keyed: Iterable[tuple[Hashable, int]]) -> set[Hashable]:
    return {key for key, count in Counter(key for key, _ in keyed).items() if count > 1}


def frozen(value: Any) -> Hashable:
    """Return a plain value as one that can be a key."""
    if isinstance(value, Mapping):
        return frozenset((name, frozen(each)) for name, each in value.items())
    if isinstance(value, list):
        return tuple(map(frozen, value))
    found: Hashable = value
    return found


def merged(section: Section, given: Mapping[str, Plain], fresh: Any, stored: Any, refs: References) -> Any:
    """Return *stored* with the fields that differ: the same object if none does. Without one: *fresh*, with an id.

    *given*: the fields as the file has them. Raises Unread.
    """
    changed = _new(section, fresh) if stored is None else _changed(section, given, fresh, stored, refs)
    if section is CHECKS and f"{MASK}@" in changed.get("target", ""):
        raise Unread(Problem("masked"), ("target",))
    if section is CHANNELS and "settings" in changed:
        _check_settings(fresh, changed["settings"], refs)
    if not changed:
        return stored
    if stored is None:
        thing = replace(fresh, id=refs.new_id(), **changed)
    else:
        thing = values.built(lambda: replace(stored, **changed))
    if section is POLICIES and _CHECKED & changed.keys():
        values.built(lambda: checked_policy(thing))
    if section is ESCALATIONS and changed.keys() - {"name"}:
        values.built(lambda: checked_escalation(thing))
    return thing


def _new(section: Section, fresh: Any) -> dict[str, Any]:
    found = {field.of: getattr(fresh, field.of) for field in section.fields}
    if section is CHECKS:
        values.built(lambda: fresh.with_secrets_of(None))
    if section is CHANNELS:
        found["settings"] = {name: value for name, value in fresh.settings.items() if value}
    return found


def _changed(section: Section, given: Mapping[str, Plain], fresh: Any, stored: Any, refs: References) -> dict[str, Any]:
    wanted, known = written(section, fresh, refs), written(section, stored, refs)
    found = {
        field.of: getattr(fresh, field.of)
        for field in section.fields
        if not field.hides and wanted.get(field.name) != known.get(field.name)
    }
    if section.is_named:
        found["name"] = fresh.name
    if section is TEAMS and fresh.oidc_group is None:  # log-ins decide no longer who they are
        found["user_ids"] = fresh.user_ids
    if section is TEAMS:  # an id that is settled later
        found["escalation_id"] = fresh.escalation_id
    if section is CHECKS and given.get("target") != known["target"]:
        found["target"] = fresh.target
    if section is CHECKS and ("target" in found or given.get("request") != known.get("request")):
        found["request"] = values.built(lambda: fresh.with_secrets_of(stored)).request
    if section is CHANNELS:
        found["settings"] = _settings(fresh, stored, refs)
    return {name: value for name, value in found.items() if value != getattr(stored, name)}


def _settings(fresh: Channel, stored: Channel, refs: References) -> Mapping[str, str]:
    """Return the settings of the file, and stored secrets that it does not replace."""
    shown = shown_settings(stored, refs.installation)
    hidden = {name: value for name, value in stored.settings.items() if name not in shown}
    return hidden | {name: value for name, value in fresh.settings.items() if value and value != MASK}


def _check_settings(channel: Channel, settings: Mapping[str, str], refs: References) -> None:
    forms = refs.installation.forms
    if channel.kind not in forms:
        raise Unread(Problem("not_one_of", {"choices": ", ".join(sorted(forms))}), ("kind",))
    for name, problem in forms[channel.kind].problems(settings).items():
        raise Unread(problem, ("settings", name))
