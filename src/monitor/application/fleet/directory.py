"""The fleet as the database held it at one moment: servers, keys, users, teams, rules, channels and preferences."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.application.fleet.ports import FleetChanges, FleetSnapshot
from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.errors import ForeignAddress, InvalidApiKey, UnknownHost
from monitor.domain.fleet.servers import Server, ServerId, canonical_ip
from monitor.domain.fleet.teams import NO_TEAMS, Reach
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.mail_settings import MailSettings
from monitor.domain.oncall.roster import NO_ROSTER, Roster
from monitor.domain.oncall.rotas import Away
from monitor.domain.policies.rules import Rules
from monitor.domain.preferences import Preferences

K = TypeVar("K", bound=int)
V = TypeVar("V")


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
    mail: MailSettings
    """As stored."""
    samples_kept: timedelta
    owners_of_all: Collection[UserId | None]
    """Users whose fleet keys reach every server: administrators, and None for keys without an owner. `DeleteUser`
    revokes all other keys, so a key without an owner was an administrator's."""
    servers_of: Mapping[UserId, Sequence[Server]]
    """Servers linked to each user."""
    checks: Mapping[ServerId, Server]
    """Checks and check-ins, with the tags and people of their host."""
    reach: Reach = NO_TEAMS
    roster: Roster = NO_ROSTER
    away: Away = field(default_factory=dict)
    """Found once for all: rotas ask for it with each step, and there may be ten thousand users."""
    seen_by_members: dict[UserId, Sequence[Server]] = field(default_factory=dict, compare=False, repr=False)
    """Cache of what members of teams see. `VisibleFleet` fills it when one asks: a team may have all servers."""

    @staticmethod
    def of(snapshot: FleetSnapshot, before: "Directory | None" = None) -> "Directory":
        """*before*: the directory that this one replaces."""
        preferences, reach = Preferences.of(snapshot.preferences), Reach.of(snapshot.teams)
        servers = [reach.applied(server) for server in snapshot.servers if server.is_host]
        checks = {server.id: server for server in snapshot.servers if not server.is_host}
        of_hosts = {server.id: server for server in servers}
        servers_of: dict[UserId, list[Server]] = {}
        for server in servers:
            for user_id in server.user_ids:
                servers_of.setdefault(user_id, []).append(server)
        return Directory(
            revision=snapshot.revision,
            servers=of_hosts,
            by_address={server.ip_address: server for server in servers},
            keys={key.digest: key for key in snapshot.api_keys},
            users=dict(snapshot.users),
            rules=Rules.of(snapshot.policies, snapshot.silences, before.rules if before is not None else None),
            channels={channel.id: channel for channel in snapshot.channels},
            preferences=preferences,
            mail=MailSettings.of(snapshot.preferences),
            samples_kept=preferences.samples_kept,
            owners_of_all=_owners_of_all(snapshot.users),
            servers_of=servers_of,
            checks=_updated({}, _with_people(checks, of_hosts, snapshot.users)),
            reach=reach,
            roster=snapshot.roster,
            away=_away(snapshot.users),
        )

    def with_changes(self, changes: FleetChanges) -> "Directory":
        """Return the directory at the revision of *changes*. Copies only the parts that changed."""
        rules, channels, preferences, mail = self.rules, self.channels, self.preferences, self.mail
        users = _updated(self.users, changes.users)
        reach = Reach(_updated(self.reach.teams, changes.teams)) if changes.teams else self.reach
        own_checks = {id_: server for id_, server in changes.servers.items() if self._is_check(id_, server)}
        own_hosts = {id_: server for id_, server in changes.servers.items() if id_ not in own_checks}
        servers = self._reached(reach, {**self._without_users(changes.users), **own_hosts})
        held = _updated(self.servers, servers)
        owners = _owners_of_all(users) if changes.users else self.owners_of_all
        followed = self._checks_of(servers, others=owners != self.owners_of_all) | own_checks
        if changes.policies is not None and changes.silences is not None:
            rules = Rules.of(changes.policies, changes.silences, self.rules)
        if changes.channels is not None:
            channels = {channel.id: channel for channel in changes.channels}
        if changes.preferences is not None:
            preferences, mail = Preferences.of(changes.preferences), MailSettings.of(changes.preferences)
        return replace(
            self,
            revision=changes.revision,
            servers=held,
            by_address=self._addresses_with(servers),
            keys=self._keys_with(changes.api_keys),
            users=users,
            rules=rules,
            channels=channels,
            preferences=preferences,
            mail=mail,
            samples_kept=preferences.samples_kept,
            owners_of_all=owners,
            servers_of=self._links_with(servers),
            checks=_updated(self.checks, _with_people(followed, held, users)),
            reach=reach,
            roster=self.roster if changes.roster is None else changes.roster,
            away=_away(users) if changes.users else self.away,
            seen_by_members={} if servers or changes.teams else self.seen_by_members,
        )

    def _checks_of(self, hosts: Collection[ServerId], *, others: bool) -> dict[ServerId, Server | None]:
        """Return the checks of these hosts, and *others*, which have no host."""
        if not (hosts or others):
            return {}
        return {
            id_: check
            for id_, check in self.checks.items()
            if check.host_id in hosts or (others and check.host_id not in self.servers)
        }

    def _is_check(self, server_id: ServerId, server: Server | None) -> bool:
        return server_id in self.checks if server is None else not server.is_host

    def _reached(self, reach: Reach, changed: Mapping[ServerId, Server | None]) -> Mapping[ServerId, Server | None]:
        """Return the *changed* servers with their people, and for other teams the servers whose people change."""
        found = {id_: server and reach.applied(server) for id_, server in changed.items()}
        if reach is not self.reach:
            for server_id, server in self.servers.items():
                if server_id not in found and (after := reach.applied(server)) is not server:
                    found[server_id] = after
        return found

    def _without_users(self, changed: Mapping[UserId, User | None]) -> dict[ServerId, Server]:
        """Return the servers that were linked to deleted users, without these: they may be the whole fleet."""
        gone = {user_id for user_id, user in changed.items() if user is None}
        linked = {server.id: server for user_id in gone for server in self.servers_of.get(user_id, ())}
        return {id_: replace(server, user_ids=server.user_ids - gone) for id_, server in linked.items()}

    def _addresses_with(self, changed: Mapping[ServerId, Server | None]) -> Mapping[str, Server]:
        if not changed:
            return self.by_address
        by_address = dict(self.by_address)
        for server_id in changed:
            if (before := self.servers.get(server_id)) is not None:
                del by_address[before.ip_address]
        by_address.update((server.ip_address, server) for server in changed.values() if server is not None)
        return by_address

    def _keys_with(self, changed: Mapping[ApiKeyId, ApiKey | None]) -> Mapping[bytes, ApiKey]:
        if not changed:
            return self.keys
        keys = {key_digest: key for key_digest, key in self.keys.items() if key.id not in changed}
        keys.update((key.digest, key) for key in changed.values() if key is not None)
        return keys

    def _links_with(self, changed: Mapping[ServerId, Server | None]) -> Mapping[UserId, Sequence[Server]]:
        added: dict[UserId, list[Server]] = {}
        affected: set[UserId] = set()
        for server_id, server in changed.items():
            before = self.servers.get(server_id)
            affected |= before.user_ids if before is not None else frozenset()
            if server is not None:
                for user_id in server.user_ids:
                    added.setdefault(user_id, []).append(server)
        if not (affected or added):
            return self.servers_of
        servers_of = dict(self.servers_of)
        for user_id in affected | added.keys():
            kept = (server for server in self.servers_of.get(user_id, ()) if server.id not in changed)
            linked = sorted([*kept, *added.get(user_id, ())], key=lambda server: server.id)
            if linked:
                servers_of[user_id] = linked
            else:
                del servers_of[user_id]
        return servers_of

    def is_silenced(self, server_id: ServerId, metric: str, now: datetime) -> bool:
        """False for an unknown server or check."""
        server = self.watched(server_id)
        return server is not None and self.rules.silencing.at(now).covers(server, metric)

    def host_of(self, server_id: ServerId) -> ServerId:
        """Return the host of a check or check-in that has one, else the id itself."""
        watched = self.watched(server_id)
        return server_id if watched is None else watched.host_id or server_id

    def watched(self, server_id: ServerId) -> Server | None:
        """Return the server, check or check-in with this id."""
        return self.servers.get(server_id) or self.checks.get(server_id)

    def key(self, digest: bytes) -> ApiKey:
        """Raises InvalidApiKey."""
        key = self.keys.get(digest)
        if key is None or (key.server_id is not None and key.server_id not in self.servers):
            raise InvalidApiKey
        return key

    def server_for(self, key: ApiKey, ip_address: str | None) -> Server:
        """Return the server whose samples come with *key* and *ip_address*. Raises InvalidApiKey if the key's server is
        deleted, ForeignAddress if it has another address, InvalidInput for an invalid or missing address, and
        UnknownHost if the fleet key reaches no server with that address."""
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
        if found is None or not (key.owner_id in self.owners_of_all or _is_of(key.owner_id, found)):
            raise UnknownHost
        return found


def _with_people(
    checks: Mapping[ServerId, Server | None], hosts: Mapping[ServerId, Server], users: Mapping[UserId, User]
) -> dict[ServerId, Server | None]:
    """Return *checks* with the tags and people of their hosts; without a host, with the administrators."""
    if not checks:
        return {}
    admins = frozenset(user_id for user_id, user in users.items() if user.role is Role.ADMIN)
    found: dict[ServerId, Server | None] = {}
    for id_, check in checks.items():
        host = hosts.get(check.host_id) if check is not None and check.host_id is not None else None
        found[id_] = check if check is None else check.seen_like(host, admins)
    return found


def _is_of(owner_id: UserId | None, server: Server) -> bool:
    return owner_id in server.user_ids or owner_id in server.team_writers


def _away(users: Mapping[UserId, User]) -> Away:
    return {user.id: user.away for user in users.values() if user.away}


def _owners_of_all(users: Mapping[UserId, User]) -> Collection[UserId | None]:
    return {None, *(user_id for user_id, user in users.items() if user.role is Role.ADMIN)}


def _updated(held: Mapping[K, V], changed: Mapping[K, V | None]) -> Mapping[K, V]:
    """Return *held* with the values of *changed* in place of its own, without those that are None, in key order."""
    if not changed:
        return held
    updated = dict(held)
    last = next(reversed(updated), None)
    in_order = True
    for key in sorted(changed):
        value = changed[key]
        if value is None:
            updated.pop(key, None)
            continue
        in_order = in_order and (key in updated or last is None or key > last)
        updated[key] = value
    return updated if in_order else dict(sorted(updated.items()))


EMPTY = Directory.of(FleetSnapshot(revision=-1))
"""Directory before the first load."""
