"""Puts scrapes together on a thread of its own, by turns of the keys that send them.

What is expensive is done here, outside the transaction that stores everybody's samples. Each key has its share of the
time: who sends much delays itself. See decision 55.
"""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from monitor.application.history.ports import Queries
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.scrapes import MakeRoom, Place, PutTogether, Recent, known_by, place_of
from monitor.application.intake.shares import Shares
from monitor.application.ports import Clock
from monitor.domain.errors import Overloaded, StorageUnavailable, Unavailable
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.assembly import assemble
from monitor.domain.intake.known import Full, Known, NotKnown
from monitor.domain.intake.scrapes import MAX_ISOLATED, MAX_KEPT, MAX_KEPT_BYTES, Part

log = logging.getLogger(__name__)

LARGEST_TURN = 100
LARGEST_TURN_NAMES = 2_000_000
MOST_WINDOWS = 4
"""Parts of scrapes that a key may have put together in one turn, the characters of their names, and the times around
which scrapes are read for them."""
LARGEST_GROUP = 300
"""Parts of several turns that are stored together, around twice as many times."""
SLACK = 0.1
"""Seconds. Keys that have taken so much more than another do not share a group with it."""
MOST_OF_KEY = 5_000, 250_000
MOST = 20_000, 1_000_000
"""Parts and readings that may wait: of a key (one request may be larger), and of all."""
_PATIENCE = 20
"""Times that another process may be faster."""


@dataclass(slots=True, eq=False)
class Scraped:
    """Parts of one request, and what came of it: *error*, or *refused* parts, and *full*, the limit of the last.

    *waiter*: for the caller's own use.
    """

    key: ApiKeyId
    parts: Sequence[Part]
    waiter: object = None
    error: Exception | None = None
    refused: int = 0
    full: Full | None = None
    left: deque[Part] = field(init=False)
    readings: int = field(init=False)
    attempts: int = 0

    def __post_init__(self) -> None:
        self.left = deque(sorted(self.parts, key=lambda part: (place_of(part)[::-1], part.at)))
        self.readings = sum(len(part.readings) for part in self.parts)

    def next(self) -> list[Part]:
        """Remove and return the parts of one turn: at least one."""
        taken: list[Part] = []
        windows: set[int] = set()
        names = 0
        while self.left and len(taken) < LARGEST_TURN:
            part = self.left[0]
            names += sum(map(len, part.readings))
            windows.add(place_of(part)[1])
            if taken and (names > LARGEST_TURN_NAMES or len(windows) > MOST_WINDOWS):
                break
            taken.append(self.left.popleft())
        return taken

    def fail(self, error: Exception) -> None:
        self.error = error
        self.left.clear()


Turn = tuple[Scraped, list[Part]]


class Assembler:
    """Bounded lines of requests, one for each key, and the thread that works on them."""

    def __init__(self, queries: Queries, queue: IntakeQueue, make_room: MakeRoom, clock: Clock) -> None:
        self._queries = queries
        self._queue = queue
        self._make_room = make_room
        self._clock = clock
        self._lines: dict[ApiKeyId, deque[Scraped]] = {}
        self._shares: Shares[ApiKeyId] = Shares()
        self._waiting = [0, 0]
        self._news = threading.Condition()
        self._closed = True
        self._thread: threading.Thread | None = None
        self._turn: int | None = None
        """The last turn, if no other process seems to take any."""
        self._recent = Recent()
        self._grown: dict[ServerId, list[int]] = {}
        """Scrapes, isolated ones and bytes that came since there was made room the last time."""

    def start(self, deliver: Callable[[list[Scraped]], None]) -> None:
        """Start the thread, which calls *deliver* with the requests that are done."""
        self._closed = False
        self._thread = threading.Thread(target=self._run, args=(deliver,), name="assembler", daemon=True)
        self._thread.start()

    def put(self, request: Scraped) -> None:
        """Raises Overloaded if too much of the key waits, or of all."""
        size = len(request.parts), request.readings
        with self._news:
            line = self._lines.get(request.key, ())
            of_key = sum(len(each.parts) for each in line), sum(each.readings for each in line)
            if self._closed or _exceeds(self._waiting, size, MOST) or (line and _exceeds(of_key, size, MOST_OF_KEY)):
                raise Overloaded
            self._waiting = [waiting + more for waiting, more in zip(self._waiting, size, strict=True)]
            self._lines.setdefault(request.key, deque()).append(request)
            self._news.notify()

    def close(self, timeout: float) -> None:
        """Store what is in work, refuse the rest and stop, within *timeout* seconds. Senders send it again."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self, deliver: Callable[[list[Scraped]], None]) -> None:
        while turns := self._next():
            if self._closed:
                for request, _ in turns:
                    request.fail(Overloaded())
            else:
                self._work(turns)
            done = self._finished(turns)
            try:
                deliver(done)
            except Exception:
                log.exception("a group of scrapes got no response")

    def _next(self) -> list[Turn]:
        """Wait for the next turns: those of keys that have had the least time first. None once closed and done."""
        with self._news:
            while not self._lines and not self._closed:
                self._news.wait()
            open_to = {key: deque(each for each in line if each.left) for key, line in self._lines.items()}
            keys = deque(self._shares.next(open_to, SLACK) if open_to else ())
            turns: list[Turn] = []
            size = 0
            windows: set[int] = set()
            while keys and size < LARGEST_GROUP and len(windows) < 2 * MOST_WINDOWS:
                requests = open_to[keys[0]]
                request = requests[0]
                turns.append((request, request.next()))
                size += len(turns[-1][1])
                windows.update(place_of(part)[1] for part in turns[-1][1])
                if not request.left:
                    requests.popleft()
                keys.rotate(-1)
                if not requests:
                    keys.pop()
            return turns

    def _finished(self, turns: Iterable[Turn]) -> list[Scraped]:
        done = {id(request): request for request, _ in turns if not request.left}
        with self._news:
            for request in done.values():
                line = self._lines[request.key]
                line.remove(request)
                if not line:
                    del self._lines[request.key]
                self._waiting[0] -= len(request.parts)
                self._waiting[1] -= request.readings
        return list(done.values())

    def _work(self, turns: Sequence[Turn]) -> None:
        """Store the samples of these turns. If storing several fails, store each alone."""
        began, spent = time.perf_counter(), defaultdict[ApiKeyId, float](float)
        try:
            self._store(turns, spent)
        except Unavailable as error:
            for request, _ in turns:
                request.fail(error)
        except Exception as error:  # something is wrong with one of them
            if len(turns) > 1:
                for turn in turns:
                    self._work([turn])
                return
            turns[0][0].fail(error)
        rest = time.perf_counter() - began - sum(spent.values())
        count = sum(len(parts) for _, parts in turns)
        for request, parts in turns:
            self._shares.took(request.key, rest * len(parts) / count)
        for key, seconds in spent.items():
            self._shares.took(key, seconds)

    def _store(self, turns: Sequence[Turn], spent: dict[ApiKeyId, float]) -> None:
        turn, self._turn = self._turn, None
        work = PutTogether(turn=turn or 0, now=self._clock.now(), is_alone=turn is not None)
        if turn is None:
            self._recent.clear()
            work.turn = self._queries.scrapes.turn()
        left = self._put_together(turns, work, spent)
        submission = Submission((), scrapes=work, finished=(finished := threading.Event()))
        self._queue.put(submission)
        finished.wait()
        if submission.error is not None:
            raise submission.error
        if work.taken == work.turn + 1:
            self._turn = work.taken
            for server_id, scrapes in work.stored.items():
                known, room = work.known[server_id], work.assembled[server_id].room
                self._recent.keep(server_id, known.with_stored(scrapes, room))
        senders = {id(part): request for request, some in turns for part in some}
        for request, some in turns:
            _put_back(request, some, left, work.overtaken)
        for assembled in work.assembled.values():
            for part, full in assembled.refused:
                senders[id(part)].refused += 1
                senders[id(part)].full = full
        self._keep_in_bounds(work)

    def _put_together(
        self, turns: Sequence[Turn], work: PutTogether, spent: dict[ApiKeyId, float]
    ) -> Collection[Place]:
        """Add to what is remembered, or to what the database holds; return the places that were too much to read."""
        senders: dict[ServerId, set[ApiKeyId]] = {}
        by_server: dict[ServerId, list[Part]] = {}
        for request, some in turns:
            for part in some:
                senders.setdefault(part.server_id, set()).add(request.key)
                by_server.setdefault(part.server_id, []).append(part)

        def add(server_id: ServerId, known: Known, parts: Sequence[Part]) -> None:
            began = time.perf_counter()
            work.assembled[server_id] = assemble(known, parts, work.now)
            work.known[server_id] = known
            work.parts += parts
            for key in (keys := senders[server_id]):
                spent[key] += (time.perf_counter() - began) / len(keys)

        unread: list[Part] = []
        for server_id, some in by_server.items():
            try:
                if (remembered := self._recent.take(server_id)) is None or not remembered.reaches(some):
                    raise NotKnown
                add(server_id, remembered, some)
            except NotKnown:
                unread += some
        known, work.read, left = known_by(self._queries.scrapes, unread)
        for server_id, each in known.items():
            add(server_id, each, [part for part in by_server[server_id] if place_of(part) not in left])
        return left

    def _keep_in_bounds(self, work: PutTogether) -> None:
        for server_id, assembled in work.assembled.items():
            known, grown = work.known[server_id].scrapes, self._grown.setdefault(server_id, [0, 0, 0])
            grown[1] -= len(assembled.inner)
            for key, scrape in assembled.changed.items():
                before = known.get(key)
                grown[0] += before is None
                grown[1] += scrape.is_edge - (before.is_edge if before is not None else 0)
                grown[2] += len(scrape.packed) - (len(before.packed) if before is not None else 0)
            if grown[0] * 10 > MAX_KEPT or grown[1] * 5 > MAX_ISOLATED or grown[2] * 10 > MAX_KEPT_BYTES:
                self._make_room(server_id)
                self._recent.take(server_id)
                del self._grown[server_id]


def _exceeds(waiting: Sequence[int], more: Sequence[int], most: Sequence[int]) -> bool:
    return any(before + each > limit for before, each, limit in zip(waiting, more, most, strict=True))


def _put_back(
    request: Scraped, parts: Sequence[Part], left: Collection[Place], overtaken: Collection[ServerId]
) -> None:
    if request.error is not None:
        return
    again = [part for part in parts if place_of(part) in left or part.server_id in overtaken]
    if any(part.server_id in overtaken for part in again):
        request.attempts += 1
        if request.attempts == _PATIENCE:
            request.fail(StorageUnavailable("other processes change the same scrapes again and again"))
            return
    request.left.extendleft(reversed(again))
