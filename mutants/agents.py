"""The agent: its spool, what it keeps, and its clock."""

from mutants.mutant import Mutant, Mutants

_SPOOL, _KEPT, _SENDER = (
    "adapters/agent/uplink/spool.py",
    "adapters/agent/uplink/kept.py",
    "adapters/agent/uplink/sender.py",
)
_CLOCK, _UPLINK = "adapters/agent/clock.py", "unit/adapters/agent/uplink"

MUTANTS: Mutants = {
    "agent's spool": [
        Mutant(
            "it grows beyond its bound",
            _SPOOL,
            "if self._end + len(line) > self._max:",
            "if self._end > self._max:",
            f"{_UPLINK}/test_spool.py",
        ),
        Mutant(
            "the newest are dropped",
            _SPOOL,
            "self._end = self._copy_from(head)\n        self._head, self._last = 0, None\n"
            "        self._left += dropped",
            "self._end = self._copy_from(self._head)\n        self._head, self._last = 0, None\n"
            "        self._left += dropped",
            f"{_UPLINK}/test_spool.py",
        ),
        Mutant(
            "a torn line ends it",
            _SPOOL,
            "if kind == DAMAGED:\n                damaged += 1\n                continue",
            "if kind == DAMAGED:\n                damaged += 1\n                break",
            f"{_UPLINK}/test_damaged_spool.py",
        ),
        Mutant(
            "a wrong acknowledgement removes samples",
            _SPOOL,
            'return offset if 0 < offset <= start and os.pread(self._file, 1, offset - 1) == b"\\n" else 0',
            "return offset",
            f"{_UPLINK}/test_damaged_spool.py",
        ),
        Mutant(
            "answers to dropped samples remove others",
            _SPOOL,
            "leaving = chunk.position + len(chunk.records) - self._left",
            "leaving = len(chunk.records)",
            f"{_UPLINK}/test_spool.py",
        ),
        Mutant(
            "the last comes first",
            "adapters/agent/uplink/backlog.py",
            "self._spool.append(self._memory[0])\n                self._size -= len(self._memory.popleft())",
            "self._spool.append(self._memory[-1])\n                self._size -= len(self._memory.pop())",
            f"{_UPLINK}/test_backlog.py",
        ),
        Mutant(
            "a sample in flight at the stop is lost",
            _SENDER,
            "for kept in (self._sent, self._live):",
            "for kept in (self._live,):",
            f"{_UPLINK}/test_sender.py",
        ),
        Mutant(
            "one bad sample takes its batch along",
            _SENDER,
            "elif outcome.kind == DROP and len(chunk.records) > 1:",
            "elif outcome.kind == DROP and not chunk.records:",
            f"{_UPLINK}/test_sender.py",
        ),
        Mutant(
            "what the server lost is not sent again",
            _KEPT,
            "changed, self._epoch = epoch != before, epoch",
            "changed, self._epoch = not before, epoch",
            f"{_UPLINK}/test_kept.py",
        ),
        Mutant(
            "samples count as safe too early",
            _KEPT,
            "if time >= confirmed_at - durable:",
            "if time >= confirmed_at:",
            f"{_UPLINK}/test_kept.py",
        ),
    ],
    "agent's clock": [
        Mutant(
            "delays of the network move stamps",
            _CLOCK,
            "(low + high) / 2 if self._ahead is None else min(max(self._ahead, low), high)",
            "(low + high) / 2",
            "unit/adapters/agent/test_clock.py",
        ),
        Mutant(
            "an earlier boot is corrected as this one",
            _CLOCK,
            "is_of_now = boot == self._boot",
            "is_of_now = True",
            "unit/adapters/agent/test_clock.py",
        ),
        Mutant(
            "two samples have one time",
            _CLOCK,
            "elif at <= self._last:\n            at = self._last + _GRID",
            "elif at < self._last:\n            at = self._last + _GRID",
            "unit/adapters/agent/test_clock.py",
        ),
    ],
}
