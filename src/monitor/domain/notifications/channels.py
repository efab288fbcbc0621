"""Channels: where notifications go besides users' mailboxes, and the settings that each kind asks for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from monitor.domain.accounts.users import LOCALES
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server, ServerId, checked_tags
from monitor.domain.fleet.teams import Reach, TeamId
from monitor.domain.levels import Level
from monitor.domain.text import checked_email, checked_name, has_control_characters

ChannelId = NewType("ChannelId", int)
ChannelKind = NewType("ChannelKind", str)
"""At most 16 letters. `adapters/notify/kinds.py` lists the kinds; the domain knows only EMAIL."""
EMAIL = ChannelKind("email")
MAX_CHANNEL_NAME = 100
MAX_SCOPE = 1000
"""Servers, or checks."""
MASK = "***"
"""Shown instead of a secret. A client that sends it back leaves the secret unchanged."""
PLAIN_SETTINGS = frozenset({"address", "locale"})
"""Settings stored in plain text. All others are encrypted, secret or not: the URL of a chat robot holds its token."""

Words = tuple[str, str]
"""Chinese and English."""


class Input(StrEnum):
    """How a form asks for a setting. LANGUAGE: one of LOCALES."""

    TEXT = "text"
    EMAIL = "email"
    PASSWORD = "password"  # noqa: S105 - the type of an input, not a password.
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a kind of channel. *required*: equal required settings mean the same destination. *secret*: never
    shown again. *longest*: in characters. Raises ValueError if a secret would be stored in plain text."""

    name: str
    label: Words
    hint: Words = ("", "")
    input: Input = Input.TEXT
    required: bool = False
    secret: bool = False
    longest: int = 2000

    def __post_init__(self) -> None:
        if self.secret and self.name in PLAIN_SETTINGS:
            raise ValueError(f"{self.name} is stored in plain text, so it cannot be secret")

    def problem(self, value: str) -> Problem | None:
        """Return what is wrong with *value*; empty means absent."""
        if not value.strip() and self.required:
            return Problem("required")
        if len(value) > self.longest:
            return Problem("too_long", {"limit": self.longest})
        # A password that contains the mask is possible, and kept; one that equals it was copied.
        if self.secret and (value == MASK if self.input is Input.PASSWORD else MASK in value):
            return Problem("masked")
        match self.input:
            case Input.TEXT if has_control_characters(value):
                return Problem("control_characters")
            case Input.EMAIL:
                return _email_problem(value)
            case Input.LANGUAGE if value and value not in LOCALES:
                return Problem("not_one_of", {"choices": ", ".join(LOCALES)})
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelForm:
    """Label of a kind of channel, and its settings in the order of the form. *is_personal*: only a way of a person."""

    kind: ChannelKind
    label: Words
    settings: tuple[Setting, ...]
    is_personal: bool = False

    @property
    def required(self) -> list[str]:
        return [setting.name for setting in self.settings if setting.required]

    @property
    def has_secrets(self) -> bool:
        return any(setting.secret for setting in self.settings)

    def problems(self, given: Mapping[str, str]) -> dict[str, Problem]:
        """Return what is wrong with *given*, by the name of the setting."""
        known = {setting.name for setting in self.settings}
        unknown = {name: Problem("unknown_field") for name in given if name not in known}
        found = {setting.name: setting.problem(given.get(setting.name, "")) for setting in self.settings}
        return {name: problem for name, problem in found.items() if problem is not None} | unknown

    def shown(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return *given* with MASK in place of secrets and of unknown settings."""
        plain = {setting.name for setting in self.settings if not setting.secret}
        return {name: value if name in plain else MASK for name, value in given.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelScope:
    """What has a tag, a team's servers, or certain servers or checks; without any of these, everything. A server's
    checks belong to it. Raises InvalidInput if there is more than one."""

    tag: str | None = None
    team_id: TeamId | None = None
    server_ids: frozenset[ServerId] = frozenset()
    check_ids: frozenset[ServerId] = frozenset()

    def __post_init__(self) -> None:
        chosen = (self.tag is not None, self.team_id is not None, bool(self.server_ids), bool(self.check_ids))
        if sum(chosen) > 1:
            raise InvalidInput({"scope": Problem("scope_of_one_kind")})
        if self.tag is not None:
            (tag,) = checked_tags([self.tag])
            object.__setattr__(self, "tag", tag)
        if max(len(self.server_ids), len(self.check_ids)) > MAX_SCOPE:
            raise InvalidInput({"scope": Problem("too_many", {"limit": MAX_SCOPE})})

    def covers(self, server: Server, reach: Reach) -> bool:
        """*reach*: of all teams. *server*: a server, check or check-in."""
        if self.tag is not None:
            return self.tag in server.tags
        if self.team_id is not None:
            return any(team.id == self.team_id for team in reach.teams_of(server))
        if self.check_ids:
            return server.id in self.check_ids
        return not self.server_ids or not self.server_ids.isdisjoint(server.own_ids)


EVERYTHING = ChannelScope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Chat robot, webhook or team mailbox that gets notifications of *least_level* and above about what is in *scope*.
    *readable*: False if the stored secrets cannot be decrypted; *settings* then lack them."""

    name: str
    kind: ChannelKind
    settings: Mapping[str, str]
    created_at: datetime
    least_level: Level = Level.WARNING
    scope: ChannelScope = EVERYTHING
    enabled: bool = True
    readable: bool = True
    id: ChannelId = ChannelId(0)  # 0 until stored

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_CHANNEL_NAME))

    @property
    def mailbox(self) -> str | None:
        """Address of a team mailbox in lower case; None for other kinds."""
        return self.settings.get("address", "").strip().casefold() if self.kind == EMAIL else None

    def has_same_destination(self, other: "Channel", required: Collection[str]) -> bool:
        """Return whether both send to the same place. *required*: the required settings of the kind."""
        if self.kind != other.kind or not (self.readable and other.readable):
            return False
        if self.mailbox is not None:
            return self.mailbox == other.mailbox
        return bool(required) and all(self.settings.get(name) == other.settings.get(name) for name in required)


def _email_problem(value: str) -> Problem | None:
    try:
        checked_email(value)
    except InvalidInput as error:
        return error.problems["email"]
    return None
