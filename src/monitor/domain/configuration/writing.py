"""A configuration as a tree of plain values, which says the same each time and names no id."""

from collections.abc import Iterable
from typing import Any

from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.references import SERVER, Installation, References, keys_of
from monitor.domain.configuration.sections import CHANNELS, POLICIES, SECTIONS, TAG_SECTION, TEAMS, Section
from monitor.domain.configuration.values import Plain

_EMPTY: tuple[Plain, ...] = (None, "", [], {})


def tree_of(configuration: Configuration, installation: Installation) -> dict[str, Plain]:
    """Return each section: those of things with a name as mappings, sorted by it, the others as sorted lists.

    Of one metric, policies for tags are in id order, which means something: of several the oldest applies.
    """
    refs = References(installation, configuration)
    tree: dict[str, Plain] = {}
    for section in SECTIONS:
        things = configuration.things(section.name)
        if section.is_named:
            tree[section.name] = dict(sorted(_entries(section, things, refs, installation)))
        else:
            listed = [(thing, written(section, thing, refs, installation)) for thing in things]
            tree[section.name] = [plain for _, plain in sorted(listed, key=lambda each: _place(section, *each))]
    tagged = {refs.name_of(SERVER, server_id): sorted(tags) for server_id, tags in configuration.tags.items() if tags}
    tree[TAG_SECTION] = dict(sorted(tagged.items()))
    return tree


def _place(section: Section, thing: Any, plain: dict[str, Plain]) -> tuple[Any, ...]:
    """Return where an entry of a list stands, as far as possible without regard to ids."""
    if section is not POLICIES:
        return plain["starts_at"], plain["ends_at"], repr(plain)
    scope = plain["scope"]
    return thing.metric, thing.kind.name, thing.scope.rank, thing.id if thing.scope.tag is not None else 0, repr(scope)


def _entries(
    section: Section, things: Iterable[Any], refs: References, installation: Installation
) -> Iterable[tuple[str, Plain]]:
    listed = list(things)
    keys = keys_of(listed)
    for thing in listed:
        name = {} if keys[thing.id] == thing.name else {"name": thing.name}
        yield keys[thing.id], name | written(section, thing, refs, installation)


def written(section: Section, thing: Any, refs: References, installation: Installation) -> dict[str, Plain]:
    """Return the fields of one thing, without empty ones and secrets."""
    found = {field.name: field.form.write(getattr(thing, field.of), refs) for field in section.fields}
    if section is CHANNELS:
        found["settings"] = without_secrets(found["settings"], thing.kind, installation, readable=thing.readable)
    if section is TEAMS and thing.oidc_group is not None:
        del found["members"]  # log-ins decide who they are
    return {name: value for name, value in found.items() if value not in _EMPTY}


def without_secrets(settings: dict[str, str], kind: Any, installation: Installation, *, readable: bool) -> Plain:
    """Return the settings that are shown in full, sorted."""
    form = installation.forms.get(kind)
    shown = {} if form is None or not readable else {each.name for each in form.settings if not each.secret}
    return {name: value for name, value in sorted(settings.items()) if value and name in shown}
