"""Sealing, rollups and retention."""

from mutants.mutant import Mutant, Mutants

_SEALING, _ROLLUPS, _RETENTION = (
    "application/history/sealing.py",
    "domain/history/rollups.py",
    "application/history/retention.py",
)
_TIERS = "application/history/tiers.py"
_TEST = "unit/application/history/test_sealing.py"

MUTANTS: Mutants = {
    "sealing": [
        Mutant(
            "late samples replace those that are sealed",
            _SEALING,
            "joined(sealed[hour], frame, is_amended=hour in amended) if hour in chunks else frame",
            "frame",
            _TEST,
        ),
        Mutant(
            "an amended sample stays as it was sealed",
            _TIERS,
            "return merged(rows, sealed) if is_amended else",
            "return",
            "unit/application/history/test_sealed_hours.py",
        ),
        Mutant(
            "a row that is amended while it is sealed is not sealed anew",
            "adapters/memory/history.py",
            "min(held.raw_samples, 0) - 1",
            "-1",
            "unit/application/history/test_sealed_hours.py",
        ),
        Mutant(
            "two processes seal an hour at once",
            _SEALING,
            "if history.sealed(server_id, sealing.raw_samples) != sealing.hours_before or rollups",
            "if rollups",
            "unit/application/history/test_sealed_hours.py",
        ),
        Mutant(
            "rows that are gone do not matter",
            _SEALING,
            "if history.remove_rows(sealing.ids) < len(sealing.ids):",
            "if history.remove_rows(sealing.ids) < 0:",
            "unit/application/history/test_sealed_hours.py",
        ),
        Mutant(
            "the newest rows of a host go",
            _SEALING,
            "microseconds(span.newest) // HOUR - 1)",
            "microseconds(span.newest) // HOUR + 1)",
            _TEST,
        ),
    ],
    "rollups": [
        Mutant(
            "the least of rollups is a sum",
            _ROLLUPS,
            "= (sum, min, total, max)",
            "= (sum, total, total, max)",
            "unit/domain/history/test_rollups.py",
        ),
        Mutant(
            "the greatest is the last",
            _ROLLUPS,
            "min(v), total(v), max(v)) if v else",
            "min(v), total(v), v[-1]) if v else",
            "unit/domain/history/test_rollups.py",
        ),
        Mutant(
            "half days are not made anew",
            _SEALING,
            "for at, place in cut(week.times, HALF_DAY) if at in touched]",
            "for at, place in cut(week.times, HALF_DAY) if at not in touched]",
            "unit/application/history/test_sealed_reads.py",
        ),
    ],
    "retention": [
        Mutant(
            "rollups go a period early",
            _RETENTION,
            "period = microseconds(now - kept.kept_for(width)) // (span * SECOND)",
            "period = microseconds(now - kept.kept_for(width)) // (span * SECOND) + 1",
            "unit/application/history/test_retention.py",
        ),
        Mutant(
            "samples go an hour early",
            _RETENTION,
            "history.prune_rows(start_of_hour(hour), _ROWS_AT_ONCE)",
            "history.prune_rows(start_of_hour(hour + 1), _ROWS_AT_ONCE)",
            "unit/application/history/test_retention.py",
        ),
        Mutant(
            "two processes delete at once",
            _RETENTION,
            "self.clock.now(), LEASE) is None:",
            "self.clock.now(), LEASE) is self:",
            "unit/application/history/test_retention.py",
        ),
        Mutant(
            "a part at a time is enough",
            _RETENTION,
            "while deleted := self._delete(prune):",
            "if deleted := self._delete(prune):",
            "unit/application/history/test_retention.py",
        ),
        Mutant(
            "after a failure it waits for an hour",
            _RETENTION,
            "self._pass = self._next = None",
            "self._pass = None",
            "unit/application/history/test_retention.py",
        ),
    ],
}
