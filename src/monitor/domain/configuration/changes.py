"""What a file would change, as people read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.depending import DEPENDS_SECTION, name_of
from monitor.domain.configuration.reading import Wanted
from monitor.domain.configuration.references import SERVER, References
from monitor.domain.configuration.sections import POLICIES, SCOPE, SECTIONS, TAG_SECTION, Section
from monitor.domain.configuration.values import MOMENT, Plain
from monitor.domain.configuration.writing import written
from monitor.domain.incidents.dependencies import Dependencies
from monitor.domain.notifications.channels import MASK

Pair = tuple[Any, Any]
"""A thing before and after; None where it does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """*before*, *after*: None where the field is empty. A secret that changes is MASK in both."""

    name: str
    before: Plain
    after: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """*action*: create, update, rename (perhaps with other fields) or delete. *name*: the new one.

    Or missing: the file names a server, user or check that does not exist, so it cannot be applied.
    """

    kind: str
    name: str
    action: str
    fields: tuple[FieldChange, ...] = ()


def pairs(section: Section, before: Configuration, after: Configuration) -> Iterator[Pair]:
    """Yield what differs: deleted things, then changed ones, then new ones."""
    old = {thing.id: thing for thing in before.things(section.name)}
    new = {thing.id: thing for thing in after.things(section.name)}
    yield from ((thing, None) for id_, thing in old.items() if id_ not in new)
    yield from ((old[id_], thing) for id_, thing in new.items() if id_ in old and thing != old[id_])
    yield from ((None, thing) for id_, thing in new.items() if id_ not in old)


def changes(before: Configuration, wanted: Wanted) -> list[Change]:
    missing = dict.fromkeys((each.kind, each.name) for each in wanted.missing)
    found = [Change(kind=kind, name=name, action="missing") for kind, name in missing]
    for section in SECTIONS:
        found += [_change(section, pair, wanted) for pair in pairs(section, before, wanted.configuration)]
    old, new = before.tags, wanted.configuration.tags
    for server_id in sorted(old.keys() | new.keys()):
        tags = FieldChange(name="tags", before=sorted(old.get(server_id, ())), after=sorted(new.get(server_id, ())))
        if tags.before != tags.after:
            name = wanted.after.name_of(SERVER, server_id)
            found.append(Change(kind=TAG_SECTION, name=name, action="update", fields=(tags,)))
    return [*found, *_depending(before.depends_on, wanted)]


def _depending(before: Dependencies, wanted: Wanted) -> Iterator[Change]:
    after = wanted.configuration.depends_on
    for each in sorted(before.keys() | after.keys()):
        sides = ((before.get(each, ()), wanted.before), (after.get(each, ()), wanted.after))
        if {*sides[0][0]} != {*sides[1][0]}:
            was, now = (sorted(name_of(parent, refs) for parent in parents) for parents, refs in sides)
            field = FieldChange(name=DEPENDS_SECTION, before=was, after=now)
            yield Change(kind=DEPENDS_SECTION, name=name_of(each, wanted.after), action="update", fields=(field,))


def _change(section: Section, pair: Pair, wanted: Wanted) -> Change:
    before, after = pair
    old = {} if before is None else written(section, before, wanted.before)
    new = {} if after is None else written(section, after, wanted.after)
    names = [field.name for field in section.fields if old.get(field.name) != new.get(field.name)]
    fields = [FieldChange(name=name, before=old.get(name), after=new.get(name)) for name in names]
    hidden = [field for field in section.fields if field.hides and field.name not in names] if before and after else []
    fields += [
        FieldChange(name=field.name, before=MASK, after=MASK)
        for field in hidden
        if getattr(before, field.of) != getattr(after, field.of)
    ]
    action = "create" if before is None else "delete" if after is None else "update"
    if action == "update" and section.is_named and before.name != after.name:
        action = "rename"
        fields.insert(0, FieldChange(name="name", before=before.name, after=after.name))
    name = title(section, before, wanted.before) if after is None else title(section, after, wanted.after)
    return Change(kind=section.kind, name=name, action=action, fields=tuple(fields))


def title(section: Section, thing: Any, refs: References) -> str:
    """Return what people call a thing; of a policy what it is about, of a silence when it is."""
    if section.is_named:
        return str(thing.name)
    scope = SCOPE.write(thing.scope, refs)
    where = scope if isinstance(scope, str) else " ".join(*scope.items())
    if section is POLICIES:
        return f"{' '.join(filter(None, (thing.metric, thing.kind.mark)))} of {where}"
    return f"{where}, {MOMENT.write(thing.starts_at, refs)} to {MOMENT.write(thing.ends_at, refs)}"
