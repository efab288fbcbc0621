"""What a policy would have kept and removed of the alerts that somebody judged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from monitor.domain.alerts.alert import Verdict
from monitor.domain.fleet.servers import ServerId


class Span(NamedTuple):
    """From when to when an alert fired, in microseconds. *ended_at* None: it still fires."""

    fired_at: int
    ended_at: int | None

    def meets(self, other: "Span") -> bool:
        """Tell whether both fired at some moment."""
        begins_in_time = self.ended_at is None or other.fired_at <= self.ended_at
        return begins_in_time and (other.ended_at is None or self.fired_at <= other.ended_at)


class Judged(NamedTuple):
    server_id: ServerId
    verdict: Verdict
    span: Span


class VerdictCounts(NamedTuple):
    useful_kept: int = 0
    useful_lost: int = 0
    noise_kept: int = 0
    noise_removed: int = 0


NOTHING_JUDGED = VerdictCounts()


def counted(judged: Iterable[Judged], by_server: Mapping[ServerId, Sequence[Span]]) -> VerdictCounts:
    """Count the *judged* alerts during which one of *by_server* would have fired on the same server, and the others."""
    found = [0, 0, 0, 0]
    for server_id, verdict, span in judged:
        is_kept = any(span.meets(other) for other in by_server.get(server_id, ()))
        found[2 * (verdict is Verdict.NOISE) + (not is_kept)] += 1
    return VerdictCounts(*found)
