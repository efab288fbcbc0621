"""Silences that act now, in lists and in the live stream."""

from datetime import datetime

from msgspec import Struct

from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.policies.scopes import ScopeOut
from monitor.adapters.http.policies.silences import author
from monitor.application.fleet.directory import Directory
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.silences import SilenceId
from monitor.domain.policies.silencing import Acting, Silenced


class SilencedOut(Struct, frozen=True, kw_only=True):
    """Active silence, of one *metric* or (null) of all. *until*: its end. *recurring*: it will be active again."""

    id: int
    scope: ScopeOut
    metric: str | None
    until: str
    reason: str
    recurring: bool
    created_by: str | None

    @staticmethod
    def of(acting: Acting, directory: Directory) -> "SilencedOut":
        silence = acting.silence
        return shown(
            SilencedOut,
            silence,
            scope=ScopeOut.of(silence.scope, directory),
            until=times.written(acting.until),
            recurring=silence.recurrence is not None,
            created_by=author(silence, directory),
        )


class SilencedChange(Struct, frozen=True):
    server_id: int
    silenced: list[SilencedOut]


class ShownSilences:
    """Active silences of each server. One that covers many is converted once."""

    def __init__(self, directory: Directory, now: datetime) -> None:
        self._directory = directory
        self._silenced = directory.rules.silencing.at(now)
        self._written: dict[SilenceId, SilencedOut] = {}

    def on(self, server: Server) -> list[SilencedOut]:
        return [self._out(acting) for acting in self._silenced.on(server)]

    def _out(self, acting: Acting) -> SilencedOut:
        written = self._written.get(acting.silence.id)
        if written is None:
            written = self._written[acting.silence.id] = SilencedOut.of(acting, self._directory)
        return written


class SilencedNews:
    """Find servers whose active silences changed since the last call."""

    def __init__(self) -> None:
        self._seen: Silenced | None = None
        self._of: dict[ServerId, list[Acting]] = {}

    def __call__(self, directory: Directory, now: datetime) -> list[SilencedChange]:
        silenced = directory.rules.silencing.at(now)
        if silenced is self._seen:
            return []
        before = self._of
        self._of = {server.id: [*on] for server in directory.servers.values() if (on := silenced.on(server))}
        self._seen = silenced
        return [
            SilencedChange(server_id, [SilencedOut.of(acting, directory) for acting in self._of.get(server_id, ())])
            for server_id in before.keys() | self._of.keys()
            if _ids_and_ends(before.get(server_id, [])) != _ids_and_ends(self._of.get(server_id, []))
        ]


def _ids_and_ends(acting: list[Acting]) -> list[tuple[int, datetime]]:
    return [(each.silence.id, each.until) for each in acting]
