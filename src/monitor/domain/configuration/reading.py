"""Read a configuration from a tree of plain values, which people and programs have changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.domain.configuration import values
from monitor.domain.configuration.configuration import Configuration, Path
from monitor.domain.configuration.depending import DEPENDS_SECTION, parents_of
from monitor.domain.configuration.matching import Entry, frozen, matches, merged
from monitor.domain.configuration.references import ESCALATION, SERVER, Installation, Missing, References, keys_of
from monitor.domain.configuration.sections import (
    ALL,
    CHANNELS,
    ESCALATIONS,
    POLICIES,
    REQUIRED,
    ROTAS,
    SECTIONS,
    TAG_SECTION,
    TEAMS,
    Field,
    Section,
)
from monitor.domain.configuration.values import Plain, Unread
from monitor.domain.configuration.writing import written
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId, checked_tags
from monitor.domain.fleet.teams import EscalationId, Team
from monitor.domain.incidents.dependencies import Dependencies
from monitor.domain.times import UNSET_TIME

MOST_PROBLEMS = 20
MAX_THINGS = 100_000
"""Of all sections but the tags, which are read twenty times as fast: they take 8 s."""
VERSION = 1


class Unreadable(Exception):
    """A file is no configuration. *problems*: the first ones, by place."""

    def __init__(self, problems: Mapping[Path, Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a file says. *paths*: where, by section and id. *missing*: what it refers to and does not exist.

    *before*, *after*: how things are called now, and in the file.
    """

    configuration: Configuration
    paths: Mapping[tuple[str, int], Path]
    missing: tuple[Missing, ...]
    before: References
    after: References


def read(tree: Plain, current: Configuration, installation: Installation) -> Wanted:
    """Read a file. Entries that are things of *current* keep their ids.

    A section that the file does not have stays as it is. Raises Unreadable.
    """
    return _Reader(current, installation).read(tree)


@dataclass(frozen=True, slots=True)
class Parsed:
    """*given*: the fields as the file has them. *fresh*: the thing as if it were new."""

    path: Path
    given: Mapping[str, Plain]
    fresh: Any
    entry: Entry


class _Reader:
    def __init__(self, current: Configuration, installation: Installation) -> None:
        self._current = current
        self._before = References(installation, current)
        self._refs = References(installation, current)
        self._problems: dict[Path, Problem] = {}
        self._paths: dict[tuple[str, int], Path] = {}

    def read(self, tree: Plain) -> Wanted:
        given = self._given(tree)
        found: dict[str, Any] = {}
        self._refs.expect(section.kind for section in SECTIONS if section.is_named and section.name in given)
        for section in SECTIONS:
            if section.name in given:
                found[section.name] = self._section(section, given[section.name])
        if TEAMS.name in found:
            found[TEAMS.name] = tuple(map(self._settled, found[TEAMS.name]))
        if TAG_SECTION in given:
            found[TAG_SECTION] = self._tags(given[TAG_SECTION])
        if DEPENDS_SECTION in given:
            found[DEPENDS_SECTION] = self._parents(given[DEPENDS_SECTION])
        if self._problems:
            raise Unreadable(self._problems)
        return Wanted(
            configuration=replace(self._current, **found),
            paths=self._paths,
            missing=tuple(self._refs.missing),
            before=self._before,
            after=self._refs,
        )

    def _given(self, tree: Plain) -> Mapping[str, Plain]:
        """Return the sections of a file; an empty one, which is null in YAML, has nothing in it."""
        if not isinstance(tree, dict):
            self._note((), Problem("wrong_type", {"expected": "mapping"}))
            return {}
        if tree.get("version", VERSION) != VERSION:
            self._note(("version",), Problem("not_one_of", {"choices": VERSION}))
        for name in tree:
            if name not in (*ALL, "version"):
                self._note((name,), Problem("unknown_field"))
        left = MAX_THINGS
        for section in SECTIONS:
            given = tree.get(section.name)
            count = len(given) if isinstance(given, (dict, list)) else 0
            left -= count
            if left < 0 or count > (section.most or count):
                raise Unreadable({(section.name,): Problem("too_many", {"limit": section.most or MAX_THINGS})})
        return {name: tree[name] for name in ALL if name in tree}

    def _note(self, path: Path, problem: Problem) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.setdefault(path, problem)

    def _section(self, section: Section, given: Plain) -> tuple[Any, ...]:
        parsed = [each for item in self._items(section, given) if (each := self._parsed(section, *item)) is not None]
        stored = list(self._current.things(section.name))
        keys = keys_of(stored) if section.is_named else {}
        entries = [self._entry(section, each, keys.get(each.id)) for each in stored]
        things, names = [], {}
        for place, each in zip(matches([each.entry for each in parsed], entries), parsed, strict=True):
            try:
                before = None if place is None else stored[place]
                thing = merged(section, each.given, each.fresh, before, self._refs)
            except Unread as error:
                self._note((*each.path, *error.path), error.problem)
                continue
            things.append(thing)
            names[thing.id] = str(each.entry.key)
            self._paths[section.name, thing.id] = each.path
        if section.is_named:
            self._refs.declare(section.kind, names)
        self._check_unique(section, things)
        return tuple(sorted(things, key=lambda thing: (thing.id < 0, abs(thing.id))))

    def _items(self, section: Section, given: Plain) -> list[tuple[Path, str | None, Plain]]:
        if section.is_named and isinstance(given, dict):
            return [((section.name, key), key, value) for key, value in given.items()]
        if not section.is_named and isinstance(given, list):
            return [((section.name, index), None, value) for index, value in enumerate(given)]
        if given is not None:
            self._note((section.name,), Problem("wrong_type", {"expected": "mapping" if section.is_named else "list"}))
        return []

    def _parsed(self, section: Section, path: Path, key: str | None, value: Plain) -> Parsed | None:
        try:
            given = values.mapping(value)
            own = ("name", "was") if section.is_named else ()
            values.known(given, (*own, *(field.name for field in section.fields)))
            read = {field.of: self._field(field, path, given) for field in section.fields}
            has_time = section not in (POLICIES, ROTAS, ESCALATIONS)
            extra: dict[str, Any] = {"created_at": UNSET_TIME} if has_time else {}
            if section.is_named:
                extra["name"] = self._text(given, "name", key)
            fresh = values.built(lambda: section.make(**read, **extra))
            was = self._text(given, "was", None) if section.is_named else None
        except Unread as error:
            self._note((*path, *error.path), error.problem)
            return None
        return Parsed(path, given, fresh, replace(self._entry(section, fresh, key), was=was))

    def _field(self, field: Field, path: Path, given: Mapping[str, Plain]) -> Any:
        if field.name not in given:
            if field.default is REQUIRED:
                raise Unread(Problem("required"), (field.name,))
            return field.default
        with values.at(field.name):
            return field.form.read(given[field.name], self._refs, (*path, field.name))

    def _text(self, given: Mapping[str, Plain], name: str, default: str | None) -> str | None:
        with values.at(name):
            return values.text(given[name]) if name in given else default

    def _settled(self, team: Team) -> Team:
        id_ = team.escalation_id
        return team if id_ is None else replace(team, escalation_id=EscalationId(self._refs.settled(ESCALATION, id_)))

    def _entry(self, section: Section, thing: Any, key: str | None) -> Entry:
        content = written(section, thing, self._refs)
        if section.is_named:
            return Entry(key=key, content=content, name=thing.name, fixed=thing.kind if section is CHANNELS else None)
        if section is POLICIES:
            rest = {name: value for name, value in content.items() if name != "scope"}
            return Entry(key=about(thing), content=rest)
        return Entry(key=frozen(content), content=content)

    def _check_unique(self, section: Section, things: list[Any]) -> None:
        seen = set()
        for thing in things:
            has_key = section in (TEAMS, ROTAS, ESCALATIONS)
            key = about(thing) if section is POLICIES else thing.key if has_key else thing.id
            if key in seen:
                self._note(self._paths[section.name, thing.id], Problem("repeated"))
            seen.add(key)

    def _parents(self, given: Plain) -> Dependencies:
        try:
            return parents_of(given, self._refs)
        except Unread as error:
            self._note((DEPENDS_SECTION, *error.path), error.problem)
            return {}

    def _tags(self, given: Plain) -> Mapping[ServerId, frozenset[str]]:
        if given is not None and not isinstance(given, dict):
            self._note((TAG_SECTION,), Problem("wrong_type", {"expected": "mapping"}))
            return {}
        found: dict[ServerId, frozenset[str]] = {}
        for name, value in (given or {}).items():
            path = (TAG_SECTION, name)
            server_id = ServerId(self._refs.id_of(SERVER, name, path))
            try:
                tags = checked_tags(each for _, each in values.members(value))
                if server_id in found:
                    raise Unread(Problem("repeated"))
            except Unread as error:
                self._note((*path, *error.path), error.problem)
            except InvalidInput as error:
                self._note(path, error.problems["tags"])
            else:
                found[server_id] = tags
        return {server_id: tags for server_id, tags in found.items() if tags and server_id > 0}


def about(policy: Any) -> tuple[Any, ...]:
    """Return what identifies a policy: there is at most one of each."""
    return policy.key, policy.scope
