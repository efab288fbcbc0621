"""Names that stand in files in place of ids, and what they mean in this installation."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from monitor.domain.accounts.actors import UserId
from monitor.domain.configuration.configuration import Configuration, Path
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import Server, ServerId, canonical_ip
from monitor.domain.notifications.channels import ChannelForm, ChannelKind

SERVER, CHECK, CHECK_IN, USER = "server", "check", "check_in", "user"
TEAM, CHANNEL, ROTA, ESCALATION = "team", "channel", "rota", "escalation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What files refer to and do not hold: servers, users, and the forms of the kinds of channels."""

    servers: Mapping[ServerId, Server]
    users: Mapping[UserId, str]
    forms: Mapping[ChannelKind, ChannelForm]


class Missing(NamedTuple):
    """Something that a file names and that does not exist. *kind*: such as "server"."""

    kind: str
    name: str
    path: Path


def server_names(servers: Iterable[Server]) -> dict[int, str]:
    """Return what each server is called: its name, or its address if the name could mean another one too."""
    listed = list(servers)
    names, addresses = Counter(server.name for server in listed), {server.ip_address for server in listed}
    return {
        server.id: server.name if names[server.name] == 1 and server.name not in addresses else server.ip_address
        for server in listed
    }


class References:
    """Names by kind and id, and ids by kind and name.

    A name that nothing has gets an id below 0 and is noted in *missing*, so that an old file can still be compared.
    """

    def __init__(self, installation: Installation, configuration: Configuration) -> None:
        self.installation = installation
        self.missing: list[Missing] = []
        self._names: dict[str, dict[int, str]] = {}
        self._ids: dict[str, dict[str, int]] = {}
        self._absent: set[tuple[str, int]] = set()
        self._awaited: set[str] = set()
        self._promised: dict[int, tuple[str, Path]] = {}
        self._least = 0
        servers = installation.servers.values()
        self.declare(SERVER, server_names(servers))
        self._ids[SERVER].update((server.ip_address, server.id) for server in servers)
        self.declare(USER, dict(installation.users.items()))
        self.declare(CHECK, keys_of(configuration.checks))
        self.declare(CHECK_IN, keys_of(configuration.check_ins))
        self.declare(TEAM, keys_of(configuration.teams))
        self.declare(CHANNEL, keys_of(configuration.channels))
        self.declare(ROTA, keys_of(configuration.rotas))
        self.declare(ESCALATION, keys_of(configuration.escalations))

    def declare(self, kind: str, names: Mapping[int, str]) -> None:
        """Replace what exists of a *kind*. Earlier things keep their names, but no name means them any more."""
        self._names[kind] = self._names.get(kind, {}) | dict(names)
        self._ids[kind] = {name: id_ for id_, name in names.items()}
        self._awaited.discard(kind)

    def expect(self, kinds: Iterable[str]) -> None:
        """From now until they are declared, what is named of these kinds gets an id that `settled` replaces."""
        self._awaited.update(kinds)

    def settled(self, kind: str, id_: int) -> int:
        """Return the id of what was named before its kind was declared, or *id_* itself."""
        promised = self._promised.get(id_)
        return id_ if promised is None else self.id_of(kind, *promised)

    def new_id(self) -> int:
        """Return the id of something that is not stored."""
        self._least -= 1
        return self._least

    def has(self, kind: str, id_: int) -> bool:
        """False for what is deleted."""
        return id_ in self._names[kind]

    def name_of(self, kind: str, id_: int) -> str:
        return self._names[kind].get(id_, "?")

    def kind_of(self, watched_id: int) -> str:
        """Return what a scope of one thing is about."""
        return next((kind for kind in (CHECK, CHECK_IN) if watched_id in self._names[kind]), SERVER)

    def id_of(self, kind: str, name: str, path: Path) -> int:
        """*path*: where the file names it."""
        if kind in self._awaited:
            found = self.new_id()
            self._names[kind][found], self._promised[found] = name, (name, path)
            return found
        ids = self._ids[kind]
        known = ids.get(name) if kind != SERVER or name in ids else ids.get(_address(name))
        found = self.new_id() if known is None else known
        if known is None:
            ids[name], self._names[kind][found] = found, name
            self._absent.add((kind, found))
        if (kind, found) in self._absent:
            self.missing.append(Missing(kind, name, path))
        return found


def keys_of(things: Iterable[Any]) -> dict[int, str]:
    """Return a unique name for each, by id: its own, or "web (2)" for the second that is called "web"."""
    listed = list(things)
    own, taken, keys = {each.name for each in listed}, set[str](), dict[int, str]()
    for each in listed:
        name, number = each.name, 1
        while name in taken or (number > 1 and name in own):
            number += 1
            name = f"{each.name} ({number})"
        taken.add(name)
        keys[each.id] = name
    return keys


def _address(name: str) -> str:
    try:
        return canonical_ip(name)
    except InvalidInput:
        return name
