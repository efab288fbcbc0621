"""Dependencies that the history suggests: what was down together with what, and what that would have saved and hidden.

The work grows with the outages, times the hosts that begin within one moment. Moments with more than `MOST_AT_ONCE` are
skipped: what takes half the fleet down says nothing about pairs.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.dependencies import Dependencies, patience
from monitor.domain.times import MICROSECOND, SECOND

WITHIN = 120 * SECOND
LEAST_TOGETHER = 3
LEAST_SHARE = 0.8
MOST_AT_ONCE = 50
_PATIENCE = patience(None) // MICROSECOND
LASTS = 2**62


class Outage(NamedTuple):
    """Time in which a server or check was down, in microseconds. *until*: its end; `LASTS`: it still is down.
    *pages*: notifications that it was. *is_useful*: somebody called its alert useful."""

    server_id: ServerId
    began_at: int
    until: int = LASTS
    pages: int = 0
    is_useful: bool = False

    def is_held_by(self, parent: "Outage") -> bool:
        """True if nobody would have been notified: it was over while *parent* was down, or a moment later."""
        return self.until != LASTS and parent.began_at <= self.until <= parent.until + _PATIENCE


class Suggestion(NamedTuple):
    """*together*: outages of the child that began with one of the parent. *alone*: those without any of the parent.
    *pages_removed*: notifications that would have been held for good. *useful_lost*: outages together that outlasted
    the parent's by more than a minute, or that somebody called useful."""

    child: ServerId
    parent: ServerId
    together: int
    alone: int
    pages_removed: int
    useful_lost: int


class _Fit(NamedTuple):
    share: float
    together: int


def suggested(outages: Iterable[Outage], known: Dependencies, hosts: Mapping[ServerId, ServerId]) -> list[Suggestion]:
    """Return the best parent of each child that has one, the most useful first. Together they make no circle.

    *known*: what depends on what already; outages that this explains suggest nothing. *hosts*: of checks; a host does
    not depend on its own checks.
    """
    history = _History(outages, known)
    fits = {child: _fits(history, child, hosts) for child in history.of}
    dependents = Counter(chain.from_iterable(fits.values()))
    found: list[Suggestion] = []
    for child, parents in fits.items():
        ranked = [
            (fit, dependents[parent], pull, -parent)
            for parent, fit in parents.items()
            for pull in [fits[parent][child].share if child in fits[parent] else 0.0]
            if not pull or (dependents[parent], pull, child) > (dependents[child], fit.share, parent)
        ]
        if ranked:
            found.append(history.suggestion(child, ServerId(-max(ranked)[-1])))
    found.sort(key=lambda each: (-each.pages_removed, each.useful_lost, -each.together, each.child))
    return [*_without_circles(found, known)]


def _fits(history: "_History", child: ServerId, hosts: Mapping[ServerId, ServerId]) -> dict[ServerId, _Fit]:
    """Return the possible parents of *child*."""
    own = history.together(child)
    found: dict[ServerId, _Fit] = {}
    for parent, together in Counter(chain.from_iterable(beside for _, beside in own)).items():
        if together >= LEAST_TOGETHER and hosts.get(parent) != child:
            alone = history.alone(own, parent) if together < len(own) else 0
            share = together / (together + alone)
            if share >= LEAST_SHARE:
                found[parent] = _Fit(share, together)
    return found


def _without_circles(found: Iterable[Suggestion], known: Dependencies) -> Iterator[Suggestion]:
    graph = {child: {*parents} for child, parents in known.items()}
    for each in found:
        if each.child not in _reached(each.parent, graph):
            graph.setdefault(each.child, set()).add(each.parent)
            yield each


def _reached(start: ServerId, graph: Dependencies) -> set[ServerId]:
    """Return *start*, and all that it depends on, over any number of hops."""
    found, waiting = set[ServerId](), [start]
    while waiting:
        if (each := waiting.pop()) not in found:
            found.add(each)
            waiting.extend(graph.get(each, ()))
    return found


Together = Sequence[tuple[Outage, Mapping[ServerId, Outage]]]
"""Outages, each with those of others that it began with."""


class _History:
    """*of*: the outages of each server or check, oldest first."""

    def __init__(self, outages: Iterable[Outage], known: Dependencies) -> None:
        self._known = known
        self._all = sorted(outages, key=lambda each: (each.began_at, each))
        self._begins = [each.began_at for each in self._all]
        self.of: dict[ServerId, list[Outage]] = defaultdict(list)
        for each in self._all:
            self.of[each.server_id].append(each)
        self._spans = {
            server_id: ([each.began_at for each in own], [*accumulate((each.until for each in own), max)])
            for server_id, own in self.of.items()
        }

    def _meets(self, outage: Outage, other: ServerId) -> bool:
        """Tell whether *other* was down at some moment of *outage*."""
        begins, until = self._spans.get(other, ((), ()))
        place = bisect_right(begins, outage.until)
        return place > 0 and until[place - 1] >= outage.began_at

    def together(self, child: ServerId) -> Together:
        """Return the outages of *child* that no known parent explains, but for those of crowded moments."""
        parents, found = self._known.get(child, ()), []
        for outage in self.of[child]:
            _, began, until, *_ = outage
            low, high = bisect_left(self._begins, began - WITHIN), bisect_right(self._begins, began + WITHIN)
            if high - low <= MOST_AT_ONCE and not any(self._meets(outage, each) for each in parents):
                beside = {o[0]: o for o in self._all[low:high] if o[2] >= began and o[1] <= until and o[0] != child}
                found.append((outage, beside))
        return found

    def alone(self, own: Together, parent: ServerId) -> int:
        return sum(parent not in beside and not self._meets(outage, parent) for outage, beside in own)

    def suggestion(self, child: ServerId, parent: ServerId) -> Suggestion:
        own = self.together(child)
        pairs = [(outage, beside[parent]) for outage, beside in own if parent in beside]
        return Suggestion(
            child=child,
            parent=parent,
            together=len(pairs),
            alone=self.alone(own, parent),
            pages_removed=sum(outage.pages for outage, other in pairs if outage.is_held_by(other)),
            useful_lost=sum(outage.is_useful or outage.until > other.until + _PATIENCE for outage, other in pairs),
        )
