"""A configuration as a tree of plain values, which says the same each time and names no id."""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.depending import DEPENDS_SECTION, written_parents
from monitor.domain.configuration.references import SERVER, Installation, References, keys_of
from monitor.domain.configuration.sections import CHANNELS, POLICIES, SECTIONS, TAG_SECTION, TEAMS, Section
from monitor.domain.configuration.values import Plain
from monitor.domain.notifications.channels import Channel

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
            tree[section.name] = dict(sorted(_entries(section, things, refs)))
        else:
            listed = [(thing, written(section, thing, refs)) for thing in things]
            tree[section.name] = [plain for _, plain in sorted(listed, key=lambda each: _place(section, *each))]
    tagged = {refs.name_of(SERVER, server_id): sorted(tags) for server_id, tags in configuration.tags.items() if tags}
    tree[TAG_SECTION] = dict(sorted(tagged.items()))
    tree[DEPENDS_SECTION] = written_parents(configuration.depends_on, refs)
    return tree


def _place(section: Section, thing: Any, plain: dict[str, Plain]) -> tuple[Any, ...]:
    """Return the sort key of an entry in a list. It depends on ids only where they matter."""
    if section is not POLICIES:
        return plain["starts_at"], plain["ends_at"], repr(plain)
    place = thing.id if thing.scope.tag is not None else 0
    return thing.metric, thing.kind.name, thing.scope.rank, place, repr(plain["scope"])


def _entries(section: Section, things: Sequence[Any], refs: References) -> Iterator[tuple[str, Plain]]:
    keys = keys_of(things)
    for thing in things:
        name = {} if keys[thing.id] == thing.name else {"name": thing.name}
        yield keys[thing.id], name | written(section, thing, refs)


def written(section: Section, thing: Any, refs: References) -> dict[str, Plain]:
    """Return the fields of one thing for a file, without empty fields and secrets."""
    found = {field.name: field.form.write(getattr(thing, field.of), refs) for field in section.fields}
    if section is CHANNELS:
        found["settings"] = shown_settings(thing, refs.installation)
    if section is TEAMS and thing.oidc_group is not None:
        del found["members"]  # log-ins decide who they are
    return {name: value for name, value in found.items() if value not in _EMPTY}


def shown_settings(channel: Channel, installation: Installation) -> dict[str, str]:
    """Return the settings that are no secrets, sorted."""
    form = installation.forms.get(channel.kind)
    shown = {} if form is None or not channel.readable else {each.name for each in form.settings if not each.secret}
    return {name: value for name, value in sorted(channel.settings.items()) if value and name in shown}
