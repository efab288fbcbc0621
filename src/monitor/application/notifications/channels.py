"""Manages channels, keeps their secrets encrypted, and sends through them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from monitor.application.notifications.ports import UnitOfWork
from monitor.application.notifications.sender_ports import ChannelSender, Message, SendResult, SendStatus
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.errors import ChannelExists, InvalidInput, NotFound, Problem, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import TeamId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import (
    EVERYTHING,
    PLAIN_SETTINGS,
    Channel,
    ChannelForm,
    ChannelId,
    ChannelKind,
    ChannelScope,
)
from monitor.domain.notifications.mail_settings import MailSettings

NewUow = Callable[[], UnitOfWork]
Senders = Mapping[ChannelKind, ChannelSender]
UNREADABLE = "its secrets cannot be read with this key: enter them anew"
UNKNOWN_KIND = "this version of monitor does not know its kind"


class ChannelChanges(TypedDict, total=False):
    name: str
    settings: Mapping[str, str]
    least_level: Level
    scope: ChannelScope
    enabled: bool


@dataclass(frozen=True, slots=True)
class ManageChannels:
    """*are_checked*: whether settings were checked before, which may take seconds."""

    new_uow: NewUow
    clock: Clock
    senders: Senders
    are_checked: bool = False

    @retried
    def create(self, actor: Actor, channel: Channel) -> Channel:
        """Raises Forbidden, ReauthenticationRequired, InvalidInput, ChannelExists."""
        actor.must_be_admin()
        self._must_be_fresh(actor, channel.kind)
        channel = replace(channel, settings={name: value for name, value in channel.settings.items() if value})
        self._check(channel)
        with self.new_uow() as uow:
            self._check_is_unique(uow, channel)
            _check_scope(uow, channel.scope, EVERYTHING)
            channel = uow.channels.add(replace(channel, created_at=self.clock.now().replace(microsecond=0)))
            detail = created_values(_audit_details(uow, channel), _secret_names(channel))
            uow.audit.add(entry(actor, self.clock.now(), "channel.create", channel.name, detail))
            uow.commit()
        return channel

    @retried
    def change(self, actor: Actor, channel_id: ChannelId, **given: Unpack[ChannelChanges]) -> Channel:
        """Change what is given. *settings* change one by one: an empty text removes one, a mask keeps a secret.
        Settings that stay are not checked, so a channel that is no longer valid can still be renamed and disabled.
        Raises Forbidden, NotFound, ReauthenticationRequired, InvalidInput, ChannelExists."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            channel = uow.channels.get(channel_id)
        self._must_be_fresh(actor, channel.kind)
        checked = self._checked(channel, given["settings"]) if "settings" in given else None
        with self.new_uow() as uow:
            before = uow.channels.get(channel_id)
            has_settings = "settings" in given
            merged = merged_settings(self.senders, before, given["settings"]) if has_settings else before.settings
            if checked is not None and merged != checked:
                raise TransactionConflict("the channel was changed since its settings were checked")
            after = replace(before, **given)
            after = replace(after, settings=merged, readable=before.readable or merged != before.settings)
            self._check_is_unique(uow, after)
            _check_scope(uow, after.scope, before.scope)
            uow.channels.save(after)
            secret = _secret_names(before) | _secret_names(after)
            detail = changes(_audit_details(uow, before), _audit_details(uow, after), secret)
            uow.audit.add(entry(actor, self.clock.now(), "channel.update", after.name, detail))
            uow.commit()
        return after

    @retried
    def delete(self, actor: Actor, channel_id: ChannelId) -> None:
        """Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            channel = uow.channels.get(channel_id)
            uow.channels.delete(channel_id)
            detail = deleted_values(_audit_details(uow, channel), _secret_names(channel))
            uow.audit.add(entry(actor, self.clock.now(), "channel.delete", channel.name, detail))
            uow.commit()

    def forms(self) -> list[ChannelForm]:
        return channel_forms(self.senders)

    def shown(self, channel: Channel) -> dict[str, str]:
        """Return the settings without their secrets."""
        return shown_settings(self.senders, channel)

    def _must_be_fresh(self, actor: Actor, kind: ChannelKind) -> None:
        """Raises ReauthenticationRequired if channels of this kind have secrets."""
        sender = self.senders.get(kind)
        if sender is None or sender.form.has_secrets:
            actor.must_be_fresh(self.clock.now())

    def _check(self, channel: Channel) -> None:
        """Raises InvalidInput for an unknown kind, or wrong settings."""
        if channel.kind not in {form.kind for form in self.forms()}:
            raise InvalidInput({"kind": Problem("invalid_choice")})
        if not self.are_checked:
            self.senders[channel.kind].check(channel)

    def _check_is_unique(self, uow: UnitOfWork, channel: Channel) -> None:
        """Raises ChannelExists. Two requests at the same moment may both succeed: not worth a lock."""
        sender = self.senders.get(channel.kind)
        required = sender.form.required if sender is not None else []
        others = (other for other in uow.channels.all() if other.id != channel.id)
        if any(channel.has_same_destination(other, required) for other in others):
            raise ChannelExists

    def _checked(self, before: Channel, given: Mapping[str, str]) -> dict[str, str]:
        """Check outside of a transaction: it may take seconds."""
        merged = merged_settings(self.senders, before, given)
        if merged != before.settings:
            self._check(replace(before, settings=merged))
        return merged


def channel_forms(senders: Senders) -> list[ChannelForm]:
    """Return the form of each kind of channel."""
    return [sender.form for sender in senders.values() if not sender.form.is_personal]


def shown_settings(senders: Senders, channel: Channel) -> dict[str, str]:
    """Return the settings without their secrets."""
    sender = senders.get(channel.kind)
    if sender is not None and channel.readable:
        return sender.shown(channel)
    return {name: value for name, value in channel.settings.items() if name in PLAIN_SETTINGS}


def merged_settings(senders: Senders, before: Channel, given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings with those *given*. An empty text removes one, a mask keeps a secret."""
    shown = shown_settings(senders, before)
    changed = {name: value for name, value in given.items() if value != shown.get(name)}
    return {name: value for name, value in {**before.settings, **changed}.items() if value}


def _secret_names(channel: Channel) -> set[str]:
    """Return the fields whose values the audit log hides."""
    return {f"settings.{name}" for name in channel.settings.keys() - PLAIN_SETTINGS}


def _audit_details(uow: UnitOfWork, channel: Channel) -> dict[str, object]:
    settings = {f"settings.{name}": value for name, value in channel.settings.items()}
    others = values_of(channel, "least_level", "enabled") | {"scope": _scope_text(uow, channel.scope)}
    return values_of(channel, "name", "kind") | settings | others


def _check_scope(uow: UnitOfWork, scope: ChannelScope, before: ChannelScope) -> None:
    """Raises InvalidInput for a team, servers or checks that do not exist, unless *before* has them too."""
    unknown: dict[str, Collection[int]] = {
        "server_ids": _unknown(uow, scope.server_ids - before.server_ids),
        "check_ids": _unknown(uow, scope.check_ids - before.check_ids),
    }
    team_id = scope.team_id
    if team_id is not None and team_id != before.team_id and _team_name(uow, team_id) is None:
        unknown["team_id"] = [team_id]
    if found := {name: ids for name, ids in unknown.items() if ids}:
        texts = {f"scope.{name}": ", ".join(map(str, sorted(ids))) for name, ids in found.items()}
        raise InvalidInput({name: Problem("unknown_ids", {"ids": text}) for name, text in texts.items()})


def _unknown(uow: UnitOfWork, ids: frozenset[ServerId]) -> frozenset[ServerId]:
    return ids - uow.servers.existing(ids) if ids else ids


def _team_name(uow: UnitOfWork, team_id: TeamId) -> str | None:
    try:
        return uow.teams.get(team_id).name
    except NotFound:
        return None


def _scope_text(uow: UnitOfWork, scope: ChannelScope) -> str | None:
    """Return *scope* with names, for the audit log; None: everything."""
    if scope.tag is not None:
        return f"tag {scope.tag}"
    if scope.team_id is not None:
        return f"team {_team_name(uow, scope.team_id) or scope.team_id}"
    ids = scope.server_ids or scope.check_ids
    if not ids:
        return None
    names = uow.servers.names(ids)
    kind = "servers" if scope.server_ids else "checks"
    return f"{kind} {', '.join(sorted(names.get(id_, str(id_)) for id_ in ids))}"


def send(senders: Senders, channel: Channel, message: Message) -> SendResult:
    """Send through *channel*. RETRY if this process cannot: the right key or version may come back."""
    if not channel.readable:
        return SendResult(SendStatus.RETRY, UNREADABLE)
    sender = senders.get(channel.kind)
    return sender.send(channel, message) if sender is not None else SendResult(SendStatus.RETRY, UNKNOWN_KIND)


@dataclass(frozen=True, slots=True)
class EncryptSecrets:
    """At the start of a server, encrypt what is stored in plain text or under an older key."""

    new_uow: NewUow

    @retried
    def __call__(self) -> list[str]:
        """Return the names of channels whose secrets cannot be decrypted; "SMTP": the mail server's password."""
        with self.new_uow() as uow:
            uow.channels.reencrypt()
            uow.ways.reencrypt()
            uow.preferences.reencrypt()
            unreadable = [channel.name for channel in uow.channels.all() if not channel.readable]
            if MailSettings.of(uow.preferences.all()).password_lost:
                unreadable.append("SMTP")
            uow.commit()
        return unreadable


@dataclass(frozen=True, slots=True)
class TryChannel:
    """Send a test message through a channel, and record the result in the audit log."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    senders: Senders

    def __call__(self, actor: Actor, channel_id: ChannelId) -> SendResult:
        """Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            channel = uow.channels.get(channel_id)
            locale = channel.settings.get("locale") or uow.users.default_locale()
        result = send(self.senders, channel, test_message(self.clock, self.secrets, locale))
        self._record(actor, channel, result)
        return result

    @retried
    def _record(self, actor: Actor, channel: Channel, result: SendResult) -> None:
        detail = "sent" if result.status is SendStatus.SENT else f"not sent: {result.error}"
        with self.new_uow() as uow:
            uow.audit.add(entry(actor, self.clock.now(), "channel.test", channel.name, detail))
            uow.commit()


def test_message(clock: Clock, secrets: Secrets, locale: str) -> Message:
    return Message(message_id=f"test-{secrets.token()}", locale=locale, items=(), sent_at=clock.now(), is_test=True)
