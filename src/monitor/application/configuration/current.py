"""The configuration as it is, as a value and as a file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.checks.ports import CheckFilter
from monitor.application.checks.reading import AT_ONCE
from monitor.application.configuration.ports import ConfigurationFormat, Written
from monitor.application.configuration.wording import COMMENTS, HEAD
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.channels import Senders
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.application.transactions import chunks
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.configuration.configuration import Configuration, Path
from monitor.domain.configuration.reading import Unreadable, Wanted, read
from monitor.domain.configuration.references import Installation
from monitor.domain.configuration.writing import tree_of
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind


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
            channels=tuple(directory.channels.values()),
            teams=tuple(directory.reach.teams.values()),
            policies=tuple(directory.rules.policies.all),
            silences=tuple(directory.rules.silences.all),
            tags={server.id: server.tags for server in directory.servers.values() if server.tags},
        ).without_ended(now)
        installation = Installation(
            servers=directory.servers,
            users={user_id: user.username for user_id, user in directory.users.items()},
            forms={kind: sender.form for kind, sender in self.senders.items()},
        )
        tree = tree_of(configuration, installation)
        return Current(
            at=now,
            directory=directory,
            configuration=configuration,
            installation=installation,
            text=self.format.write(Written(tree=tree, head=HEAD, comments=COMMENTS)),
        )

    def wanted(self, text: str, current: Current) -> Wanted:
        """Read a file, without the silences in it that are over. Raises InvalidInput, which names the places in it."""
        try:
            found = read(self.format.read(text), current.configuration, current.installation)
        except Unreadable as error:
            raise self.refused(text, error.problems) from None
        return replace(found, configuration=found.configuration.without_ended(current.at))

    def refused(self, text: str, problems: Mapping[Path, Problem]) -> InvalidInput:
        """Return the error that says what is wrong where."""
        lines = self.format.lines(text, problems.keys())
        return InvalidInput(
            {
                shown_path(path): Problem("at_line", {"line": lines[path], "why": problem})
                for path, problem in sorted(problems.items(), key=lambda each: lines[each[0]])
            }
        )


def shown_path(path: Path) -> str:
    """Return text such as "policies[2].scope"."""
    return "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in path).lstrip(".") or "config"
