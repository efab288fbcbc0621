"""The configuration as it is, as a value and as a file, and what another file would change of it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain

from monitor.application.checks.ports import CheckFilter
from monitor.application.checks.reading import AT_ONCE
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.channels import Senders, channel_forms
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.application.transactions import chunks
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.configuration.changes import Change, Pair, changes, pairs
from monitor.domain.configuration.configuration import Configuration, Path
from monitor.domain.configuration.reading import Unreadable, Wanted, read
from monitor.domain.configuration.references import Installation
from monitor.domain.configuration.sections import Section
from monitor.domain.configuration.values import Plain, place_of
from monitor.domain.configuration.writing import tree_of
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind

HEAD = """\
Configuration of monitor. `monitor plan FILE` says what a changed file would do, `monitor apply FILE` does it.

There are no ids: names and addresses say what is meant. To rename something and change it too, write
`was: OLD NAME` beside its new name. A section that is left out stays as it is; one without entries is emptied.
Durations are in seconds, times in UTC. Secrets are not here, and stay as they are."""

COMMENTS = {
    "checks": "What this server asks of addresses. A password in a URL is shown as ***, and stays.",
    "check_ins": "Jobs that report that they ran. The address to ping stays the same when one is renamed.",
    "teams": "People who see the same servers. Those of an `oidc_group` come and go as they log in.",
    "channels": "Where notifications go besides people's mailboxes. Secrets may be written here, but never are.",
    "rotas": "Who is on call when. Overrides and absences are not here, and stay.",
    "escalations": "Which step notifies whom, and how long after the page could first go out.",
    "policies": (
        "When a metric fires. Of several, the one for a server or check applies, then one for a tag (the oldest),\n"
        "then one for everything. `enabled: false` switches a metric off."
    ),
    "silences": "Times without notifications, unless they are over.",
    "tags": "Tags of servers, by server.",
    "depends_on": "While one of these is down, nobody is notified that what depends on it is too.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file says. *head*: the comment at its top; *comments*: those before each section."""

    tree: Mapping[str, Plain]
    head: str = ""
    comments: Mapping[str, str]


class ConfigurationFormat(ABC):
    @abstractmethod
    def read(self, text: str) -> Plain:
        """Return what a file says; an empty one is an empty mapping. Raises InvalidInput naming "config"."""

    @abstractmethod
    def lines(self, text: str, paths: Collection[Path]) -> Mapping[Path, int]:
        """Return the line of each place, from 1; of the nearest place around it if it is not there."""

    @abstractmethod
    def write(self, written: Written) -> str:
        """Return the same text for the same content, which `read` reads as `written.tree`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """*revision*: of *text*, the file that says all of it, *at* that time."""

    at: datetime
    directory: Directory
    configuration: Configuration
    installation: Installation
    text: str

    @property
    def revision(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Edit:
    """What a file changes. *refused*: makes the error for what is wrong, by its place in the file."""

    current: Current
    wanted: Wanted
    refused: Callable[[Mapping[Path, Problem]], InvalidInput]

    @property
    def configuration(self) -> Configuration:
        """What the file says."""
        return self.wanted.configuration

    def changes(self) -> list[Change]:
        return changes(self.current.configuration, self.wanted)

    def pairs(self, section: Section) -> list[Pair]:
        """Return what differs, before and after."""
        return list(pairs(section, self.current.configuration, self.configuration))

    @contextmanager
    def placed(self, section: Section, id_: int) -> Iterator[None]:
        """Have an InvalidInput about one thing name its place in the file."""
        try:
            yield
        except InvalidInput as error:
            path = self.wanted.paths.get((section.name, id_))
            if path is None:
                raise
            raise self.refused({(*path, *place_of(name)): each for name, each in error.problems.items()}) from None


@dataclass(frozen=True, slots=True)
class ReadConfiguration:
    queries: Queries
    fleet: Fleet
    clock: Clock
    senders: Senders
    format: ConfigurationFormat

    def __call__(self, actor: Actor) -> Current:
        """Raises Forbidden."""
        actor.must_be_admin()
        self.fleet.refresh()
        self.fleet.poll()  # what another process has changed a moment ago
        directory, now = self.fleet.directory, self.clock.now()
        check_ins = [each.id for each in directory.checks.values() if each.kind is Kind.CHECK_IN]
        configuration = Configuration(
            checks=tuple(stored.check for stored in self.queries.checks.find(SYSTEM, CheckFilter())),
            check_ins=tuple(each for some in chunks(check_ins, AT_ONCE) for each in self.queries.check_ins.of(some)),
            teams=tuple(directory.reach.teams.values()),
            channels=tuple(directory.channels.values()),
            rotas=tuple(directory.roster.rotas.values()),
            escalations=tuple(directory.roster.escalations.values()),
            policies=tuple(directory.rules.policies.all),
            silences=tuple(directory.rules.silences.all),
            tags={server.id: server.tags for server in directory.servers.values() if server.tags},
            depends_on={
                each.id: each.depends_on
                for each in chain(directory.servers.values(), directory.checks.values())
                if each.depends_on
            },
        ).without_ended(now)
        installation = Installation(
            servers=directory.servers,
            users={user_id: user.username for user_id, user in directory.users.items()},
            forms={each.kind: each for each in channel_forms(self.senders)},
        )
        tree = tree_of(configuration, installation)
        return Current(
            at=now,
            directory=directory,
            configuration=configuration,
            installation=installation,
            text=self.format.write(Written(tree=tree, head=HEAD, comments=COMMENTS)),
        )

    def edit(self, text: str, current: Current) -> Edit:
        """Read a file, without the silences in it that are over. Raises InvalidInput, which names the places in it."""
        refused = partial(self._refused, text)
        try:
            wanted = read(self.format.read(text), current.configuration, current.installation)
        except Unreadable as error:
            raise refused(error.problems) from None
        return Edit(current, replace(wanted, configuration=wanted.configuration.without_ended(current.at)), refused)

    def _refused(self, text: str, problems: Mapping[Path, Problem]) -> InvalidInput:
        lines = self.format.lines(text, problems.keys())
        return InvalidInput(
            {
                _shown(path): Problem("at_line", {"line": lines[path], "why": problem})
                for path, problem in sorted(problems.items(), key=lambda each: lines[each[0]])
            }
        )


def _shown(path: Path) -> str:
    """Return text such as "policies[2].scope"."""
    return "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in path).lstrip(".") or "config"
