"""Which silences act now, found by server without looking through all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitor.domain.servers import Server, ServerId
from monitor.domain.silences import Silence

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Acting:
    """A silence that acts, and until when."""

    silence: Silence
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """The silences that act from *since* on; others do at *until*."""

    since: datetime
    until: datetime
    of_servers: dict[ServerId, list[Acting]] = field(default_factory=dict)
    of_tags: dict[str, list[Acting]] = field(default_factory=dict)
    of_all: list[Acting] = field(default_factory=list)

    def on(self, server: Server) -> Sequence[Acting]:
        """In id order. Most servers have none: that is answered at once."""
        own = self.of_servers.get(server.id, ())
        tagged = [acting for tag in server.tags & self.of_tags.keys() for acting in self.of_tags[tag]]
        if not tagged and not self.of_all:
            return own
        return sorted((*own, *tagged, *self.of_all), key=lambda acting: acting.silence.id)


class Silencing:
    """For all threads: what acts is worked out when it changes, and taken as it is in between."""

    def __init__(self, silences: Iterable[Silence]) -> None:
        self._silences = tuple(silences)
        self._held: Silenced | None = None

    def at(self, now: datetime) -> Silenced:
        """The same object until another silence begins or ends."""
        held = self._held
        if held is None or not held.since <= now < held.until:
            held = self._held = self._worked_out(now)
        return held

    def _worked_out(self, now: datetime) -> Silenced:
        spans = [(silence, span) for silence in self._silences if (span := silence.span(now)) is not None]
        found = Silenced(
            since=now, until=min((end if begin <= now else begin for _, (begin, end) in spans), default=_NEVER)
        )
        for silence, (begin, end) in spans:
            if begin <= now:
                _group(found, silence).append(Acting(silence, end))
        return found

    def is_silenced(self, server: Server, metric: str, now: datetime) -> bool:
        return any(acting.silence.metric in (None, metric) for acting in self.at(now).on(server))


def _group(found: Silenced, silence: Silence) -> list[Acting]:
    scope = silence.scope
    if scope.server_id is not None:
        return found.of_servers.setdefault(scope.server_id, [])
    return found.of_all if scope.tag is None else found.of_tags.setdefault(scope.tag, [])
