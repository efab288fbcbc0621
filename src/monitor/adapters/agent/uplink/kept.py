"""Samples that the server acknowledged and may still lose: kept for a while, and sent again if it did.

The server's answers name the *epoch* of its store, which changes when the store may have lost what it acknowledged: a
fail-over, a restored backup. They also say after how many seconds a sample is *durable*, that is, safe. To send a
sample again does no harm: the server stores it once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from .backlog import Backlog
from .client import MAX_BATCH, MAX_BODY

MAX_BYTES = 8 * 1024 * 1024
"""On disk: more than a day at 15 s, as when all samples of an outage have just been acknowledged."""
MEMORY_BYTES = 256 * 1024
"""In memory, while the disk cannot be written: more than an hour at 15 s."""
SLACK_BYTES = 64 * 1024
"""What is not needed any more is cut off the file after so many bytes."""
NOTICED_WITHIN = 10.0
"""Seconds, at most, until a server that answers again names the new epoch, after its start or a fail-over."""
_MOST_RESENT = 5_000
_NEVER = float("-inf")


def durable_of(times: Iterable[float], confirmed_at: float, durable: float) -> int:
    """Return how many samples are safe. *times*: of their acknowledgement, oldest first.

    At the time *confirmed_at* the epoch was still theirs. So those that were acknowledged more than *durable* seconds
    before it are safe. While the server cannot be reached nothing is confirmed, and all is kept.
    """
    count = 0
    for time in times:
        if time >= confirmed_at - durable:
            break
        count += 1
    return count


class Kept:
    """Keeps what was acknowledged, first in, first out, and never raises. Times are in seconds on a monotonic clock.

    All samples in it are of one epoch. *backlog* holds `<epoch> <sample>` each. What an earlier run left counts as
    acknowledged *now*.
    """

    def __init__(self, backlog: Backlog, now: float) -> None:
        self._backlog = backlog
        self._times = deque([now] * len(backlog))
        first = backlog.oldest(1, MAX_BODY).records
        self._epoch = first[0].partition(b" ")[0].decode("latin-1") if first else ""
        self._resent: dict[int, float] = {}
        self._heard_at = self._confirmed_at = _NEVER

    def __len__(self) -> int:
        return len(self._times)

    def heard(self, epoch: str, durable: float, sent_at: float, send_again: Callable[[bytes], object]) -> int:
        """Handle an answer to a delivery of the time *sent_at*; return how many samples are sent again.

        In a new epoch all are handed to *send_again*; else durable ones are dropped. Without an epoch nothing happens.
        """
        if not epoch:
            return 0
        before = self._epoch
        changed, self._epoch = epoch != before, epoch
        self._note(sent_at, changed)
        if not changed:
            self._drop(durable_of(self._times, self._confirmed_at, durable))
            return 0
        again = 0
        while self._times:
            chunk = self._backlog.oldest(MAX_BATCH, MAX_BODY)
            if not chunk.records:  # the disk cannot be read now: the next answer tries again
                self._epoch = before
                break
            for record in chunk.records:
                self._send_again(record.partition(b" ")[2], send_again)
            self._backlog.acknowledge(chunk)  # last: a kill before it doubles some, and loses none
            again += len(chunk.records)
            self._trim()
        return again

    def _send_again(self, sample: bytes, send_again: Callable[[bytes], object]) -> None:
        send_again(sample)
        time = self._times.popleft() if self._times else 0.0
        if len(self._resent) < _MOST_RESENT:
            self._resent[hash(sample)] = time

    def _note(self, sent_at: float, changed: bool) -> None:
        """Note an answer. A later one of the same epoch confirms it: a server may not know yet what its store lost."""
        if changed:
            self._heard_at, self._confirmed_at = sent_at, _NEVER
        elif sent_at - self._heard_at >= NOTICED_WITHIN:
            self._heard_at, self._confirmed_at = sent_at, self._heard_at

    def keep(self, acknowledged: Sequence[tuple[bytes, bool]], durable: float, sent_at: float, now: float) -> None:
        """Keep samples that were acknowledged in the present epoch; each with whether the server had it before.

        If it had, a sample that was sent again is as old as before, and was still there at *sent_at*.
        """
        if durable <= 0:
            return
        prefix = self._epoch.encode("latin-1") + b" "
        for record, was_there in acknowledged:
            before = self._resent.pop(hash(record), now)
            time = before if was_there else now
            if time >= sent_at - durable:
                self._backlog.add(prefix + record)
                self._times.append(time)
        self._trim()

    def forget_resent(self) -> None:
        """Call when nothing that was sent again waits any more."""
        self._resent.clear()

    def close(self) -> None:
        """Leave the samples to the next start. Those in memory are lost."""
        self._backlog.close()

    def _drop(self, count: int) -> None:
        while count > 0:
            chunk = self._backlog.oldest(min(count, MAX_BATCH), MAX_BODY)
            if not chunk.records:
                break
            self._backlog.acknowledge(chunk)
            for _ in chunk.records[: len(self._times)]:
                self._times.popleft()
            count -= len(chunk.records)
        self._trim()

    def _trim(self) -> None:
        """Forget the times of samples that were dropped, as when the disk is full."""
        while len(self._times) > len(self._backlog):
            self._times.popleft()
