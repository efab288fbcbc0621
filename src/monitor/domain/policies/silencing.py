"""Silences that are active now, by server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.silences import Silence, SilenceId

MOST_SHOWN = 10
"""Most silences shown for one server, so that a list of servers does not grow with the number of silences."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Acting:
    """Active silence, and its end."""

    silence: Silence
    until: datetime


@dataclass(slots=True)
class _Group:
    """Active silences of one scope. *metrics*: those silenced; None means all."""

    metrics: set[str | None] = field(default_factory=set)
    acting: list[Acting] = field(default_factory=list)


_NONE = _Group()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """Silences active from *since* to *until*, by scope."""

    since: datetime
    until: datetime
    ids: frozenset[SilenceId]
    of_servers: dict[ServerId, _Group]
    of_tags: dict[str, _Group]
    of_all: _Group

    def on(self, server: Server) -> Sequence[Acting]:
        """Return the silences on *server* in id order: of many, `MOST_SHOWN` for all metrics, or that last longest."""
        groups = self._groups(server)
        if len(groups) == 1:
            return groups[0].acting
        return _shown([acting for group in groups for acting in group.acting])

    def acts_on(self, server: Server) -> bool:
        """Tell whether any silence does, of whatever metric."""
        return bool(
            self.of_all.acting
            or any(own in self.of_servers for own in server.own_ids)
            or not self.of_tags.keys().isdisjoint(server.tags)
        )

    def covers(self, server: Server, metric: str) -> bool:
        return any(None in group.metrics or metric in group.metrics for group in self._groups(server))

    def _groups(self, server: Server) -> list[_Group]:
        own = [self.of_servers.get(server_id, _NONE) for server_id in server.own_ids]
        tagged = [self.of_tags[tag] for tag in server.tags & self.of_tags.keys()]
        return [*own, *tagged, self.of_all] if tagged or self.of_all.acting else own


@dataclass(frozen=True, slots=True)
class _Span:
    """Present or next active time of a silence, valid for moments from *since* to its *end*."""

    silence: Silence
    since: datetime
    begin: datetime
    end: datetime

    @staticmethod
    def of(silence: Silence, now: datetime) -> "_Span":
        return _Span(silence, now, *(silence.span(now) or (_NEVER, _NEVER)))

    def at(self, now: datetime) -> "_Span":
        """Return the span at *now*: the same object if it is still valid."""
        return self if self.since <= now < self.end else _Span.of(self.silence, now)


class Silencing:
    """Cache of the active silences, for all threads: calculated again only when one begins or ends.

    It takes the spans of unchanged silences from *before*: to calculate thousands takes long.
    """

    def __init__(self, silences: Iterable[Silence], before: "Silencing | None" = None) -> None:
        known = {span.silence.id: span for span in before._spans} if before is not None else {}
        self._spans: list[_Span] = []
        for silence in silences:
            span = known.get(silence.id)
            if span is None or span.silence != silence:
                span = _Span(silence, _NEVER, _NEVER, _NEVER)  # never valid: calculated at the first use
            self._spans.append(span)
        self._held: Silenced | None = None

    def at(self, now: datetime) -> Silenced:
        """Return the active silences: the same object until one begins or ends."""
        held = self._held
        if held is None or not held.since <= now < held.until:
            held = self._held = self._calculated(now)
        return held

    def _calculated(self, now: datetime) -> Silenced:
        spans = self._spans = [span.at(now) for span in self._spans]
        acting = [Acting(span.silence, span.end) for span in spans if span.begin <= now]
        of_servers: dict[ServerId, _Group] = {}
        of_tags: dict[str, _Group] = {}
        of_all = _Group()
        for each in acting:
            scope = each.silence.scope
            if scope.server_id is not None:
                group = of_servers.setdefault(scope.server_id, _Group())
            else:
                group = of_all if scope.tag is None else of_tags.setdefault(scope.tag, _Group())
            group.metrics.add(each.silence.metric)
            group.acting.append(each)
        for group in (*of_servers.values(), *of_tags.values(), of_all):
            group.acting = _shown(group.acting)
        return Silenced(
            since=now,
            until=min((span.end if span.begin <= now else span.begin for span in spans), default=_NEVER),
            ids=frozenset(each.silence.id for each in acting),
            of_servers=of_servers,
            of_tags=of_tags,
            of_all=of_all,
        )


def _shown(acting: list[Acting]) -> list[Acting]:
    if len(acting) > MOST_SHOWN:
        # What a reader needs first.
        acting = sorted(acting, key=lambda each: (each.silence.metric is None, each.until), reverse=True)[:MOST_SHOWN]
    return sorted(acting, key=lambda each: each.silence.id)
