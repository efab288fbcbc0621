"""The alert engine, and the intervals that it learns."""

from mutants.mutant import Mutant, Mutants

_ENGINE, _FOLD, _INTERVALS = "domain/alerts/engine.py", "domain/alerts/fold.py", "domain/intake/intervals.py"
_ORACLE = "unit/application/alerts/oracle/test_alert_oracle.py"

MUTANTS: Mutants = {
    "engine": [
        Mutant("a breach begins beyond the threshold", _ENGINE, "if v >= warning and", "if v > warning and", _ORACLE),
        Mutant("critical begins beyond it", _ENGINE, "if v >= critical else", "if v > critical else", _ORACLE),
        Mutant("clear at the margin itself", _ENGINE, "if v < clear_below", "if v <= clear_below", _ORACLE),
        Mutant("calm at the margin itself", _ENGINE, "if v < calm_below", "if v <= calm_below", _ORACLE),
        Mutant(
            "fires later than sustained_for",
            _ENGINE,
            "at - warning_since >= sustained_for",
            "at - warning_since > sustained_for",
            _ORACLE,
        ),
        Mutant(
            "resolves later than clear_for",
            _ENGINE,
            "at - clear_since >= clear_for",
            "at - clear_since > clear_for",
            _ORACLE,
        ),
        Mutant(
            "a gap of exactly three intervals interrupts", _ENGINE, "seen > longest_gap", "seen >= longest_gap", _ORACLE
        ),
        Mutant(
            "critical does not count toward warning",
            _ENGINE,
            "if v >= warning and",
            "if critical > v >= warning and",
            _ORACLE,
        ),
        Mutant("never de-escalates", _ENGINE, "return Level.WARNING, Change.DEESCALATED", "return None", _ORACLE),
        Mutant(
            "the margin as floats",
            "domain/policies/policies.py",
            "less(min(warning, critical), policy.clear_margin)",
            "min(warning, critical) - policy.clear_margin",
            "unit/domain/alerts/test_alert_engine.py",
        ),
        Mutant(
            "the worst value is the last",
            _ENGINE,
            "if level and (worst is None or (v > worst * sign if middle is None",
            "if level and (True or (v > worst * sign if middle is None",
            _ORACLE,
        ),
        Mutant(
            "below is above",
            "domain/policies/policies.py",
            "sign=policy.sign,",
            "sign=1.0,",
            _ORACLE,
        ),
        Mutant("the fold passes over the next side", _FOLD, "low <= v < high", "low <= v", _ORACLE),
        Mutant(
            "the fold forgets a gap",
            _FOLD,
            "longest_gap = 0 if is_cut else _NO_GAP_IS_TOO_LONG\n            for at, value in zip(times[",
            "longest_gap = _NO_GAP_IS_TOO_LONG\n            for at, value in zip(times[",
            _ORACLE,
        ),
        Mutant(
            "the fold of a forecast forgets a gap",
            _FOLD,
            "longest_gap = 0 if is_cut else _NO_GAP_IS_TOO_LONG\n            for at, value in zip(course.times[",
            "longest_gap = _NO_GAP_IS_TOO_LONG\n            for at, value in zip(course.times[",
            _ORACLE,
        ),
    ],
    "intervals": [
        Mutant(
            "the declared interval alone",
            _INTERVALS,
            "max(least_gap(declared), _three_medians(times[-TIMES_NEEDED:]))",
            "least_gap(declared)",
            _ORACLE,
        ),
        Mutant(
            "the upper of two middle gaps",
            _INTERVALS,
            "gaps[(len(gaps) - 1) // 2]",
            "gaps[len(gaps) // 2]",
            "unit/domain/intake/test_intervals.py",
        ),
        Mutant("nine gaps instead of ten", _INTERVALS, "TIMES_NEEDED = 11", "TIMES_NEEDED = 10", _ORACLE),
        Mutant(
            "a declaration is not carried on",
            _INTERVALS,
            "last = last if interval is None else interval",
            "last = interval",
            _ORACLE,
        ),
    ],
}
