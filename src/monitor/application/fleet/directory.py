"""The fleet as the database held it at one moment: servers, keys, users, rules, channels and preferences."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.fleet.ports import FleetSnapshot
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.rules import Rules
from monitor.domain.errors import ForeignAddress, InvalidApiKey, InvalidInput, NotFound, Problem, UnknownHost
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.servers import Server, ServerId, canonical_ip
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Directory:
    revision: int
    servers: Mapping[ServerId, Server]
    by_address: Mapping[str, Server]
    keys: Mapping[bytes, ApiKey]
    """By digest."""
    users: Mapping[UserId, User]
    rules: Rules
    channels: Mapping[ChannelId, Channel]
    preferences: Preferences
    samples_kept: timedelta
    owners_of_all: Collection[UserId | None]
    """Users whose fleet keys reach every server: administrators, and None for keys without an owner. `DeleteUser`
    revokes all other keys, so a key without an owner was an administrator's."""
    servers_of: Mapping[UserId, Sequence[Server]]
    """Servers linked to each user."""

    @staticmethod
    def of(snapshot: FleetSnapshot, before: "Directory | None" = None) -> "Directory":
        """*before*: the directory that this one replaces."""
        preferences = Preferences.of(snapshot.preferences)
        servers_of: dict[UserId, list[Server]] = {}
        for server in snapshot.servers:
            for user_id in server.user_ids:
                servers_of.setdefault(user_id, []).append(server)
        return Directory(
            revision=snapshot.revision,
            servers={server.id: server for server in snapshot.servers},
            by_address={server.ip_address: server for server in snapshot.servers},
            keys={key.digest: key for key in snapshot.api_keys},
            users=dict(snapshot.users),
            rules=Rules.of(snapshot.policies, snapshot.silences, before.rules if before is not None else None),
            channels={channel.id: channel for channel in snapshot.channels},
            preferences=preferences,
            samples_kept=preferences.samples_kept,
            owners_of_all={None, *(id_ for id_, user in snapshot.users.items() if user.role is Role.ADMIN)},
            servers_of=servers_of,
        )

    @property
    def size(self) -> int:
        """Number of objects loaded."""
        rules = len(self.rules.policies.all) + len(self.rules.silences.all)
        return len(self.servers) + len(self.keys) + len(self.users) + len(self.channels) + rules

    def is_silenced(self, server_id: ServerId, metric: str, now: datetime) -> bool:
        """False for an unknown server."""
        server = self.servers.get(server_id)
        return server is not None and self.rules.silencing.at(now).covers(server, metric)

    def visible(self, actor: Actor) -> Collection[Server]:
        if actor.is_admin:
            return self.servers.values()
        return self.servers_of.get(actor.user_id, ())

    def chosen(self, actor: Actor, server_ids: Iterable[ServerId]) -> list[Server]:
        """Return the servers in the order of *server_ids*. Raises NotFound if the actor may not see one of them."""
        found = [self.servers.get(server_id) for server_id in server_ids]
        seen = [server for server in found if server is not None and server.is_visible_to(actor)]
        if len(seen) < len(found):
            raise NotFound
        return seen

    def key(self, digest: bytes) -> ApiKey:
        """Raises InvalidApiKey."""
        key = self.keys.get(digest)
        if key is None or (key.server_id is not None and key.server_id not in self.servers):
            raise InvalidApiKey
        return key

    def server_for(self, key: ApiKey, ip_address: str | None) -> Server:
        """Return the server whose samples come with *key* and *ip_address*.

        Raises InvalidApiKey if the key's server is deleted, ForeignAddress if a server's own key comes with another
        address, InvalidInput if the address is invalid or a fleet key comes without one, and UnknownHost if the fleet
        key reaches no server with that address.
        """
        if key.server_id is not None:
            server = self.servers.get(key.server_id)
            if server is None:  # deleted since the key was checked
                raise InvalidApiKey
            if ip_address not in (None, server.ip_address) and canonical_ip(ip_address or "") != server.ip_address:
                raise ForeignAddress
            return server
        if ip_address is None:
            raise InvalidInput({"ip_address": Problem("required")})
        found = self.by_address.get(ip_address) or self.by_address.get(canonical_ip(ip_address))
        if found is None or not (key.owner_id in self.owners_of_all or key.owner_id in found.user_ids):
            raise UnknownHost
        return found


EMPTY = Directory(
    revision=-1,
    servers={},
    by_address={},
    keys={},
    users={},
    rules=Rules.of((), ()),
    channels={},
    preferences=Preferences(),
    samples_kept=Preferences().samples_kept,
    owners_of_all=(),
    servers_of={},
)
"""Directory before the first load."""
