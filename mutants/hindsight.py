"""Explaining, noise and backtests."""

from mutants.mutant import Mutant, Mutants

_EXPLAINING, _NOISE = "application/hindsight/explaining.py", "application/hindsight/noise.py"
_ANSWERS = "domain/notifications/explanation.py"
_BACKTEST, _COMPARISON = "domain/hindsight/backtest.py", "domain/hindsight/comparison.py"
_EXPLAINED = "unit/application/hindsight/test_explaining.py"

MUTANTS: Mutants = {
    "explain": [
        Mutant(
            "reasons of later events count",
            _ANSWERS,
            "for e in self.timeline if e.at <= self.at and e.left_out is not None]",
            "for e in self.timeline if e.left_out is not None]",
            _EXPLAINED,
        ),
        Mutant(
            "notifications of later events count",
            _ANSWERS,
            "if at <= self.at and n.event_kind not in ENDINGS:",
            "if n.event_kind not in ENDINGS:",
            _EXPLAINED,
        ),
        Mutant(
            "who came later was notified",
            _ANSWERS,
            "if notified_at is not None and not is_of_a_later_event:",
            "if notified_at is not None:",
            _EXPLAINED,
        ),
        Mutant(
            "the last message counts, not the first",
            _ANSWERS,
            "return Answer(Reason.NOTIFIED, min(sent))",
            "return Answer(Reason.NOTIFIED, max(sent))",
            _EXPLAINED,
        ),
        Mutant(
            "who was linked just now was not linked",
            _ANSWERS,
            "if facts.is_recorded and not facts.is_now:",
            "if facts.is_recorded:",
            _EXPLAINED,
        ),
        Mutant(
            "the links of today count, not those of then",
            _ANSWERS,
            "    if recorded is not None:\n        return recorded",
            "    if recorded is not None:\n        return standing or recorded",
            _EXPLAINED,
        ),
    ],
    "noise": [
        Mutant(
            "night is by UTC",
            _NOISE,
            "hour = sending.at.astimezone(self.zone).hour",
            "hour = sending.at.hour",
            "unit/application/hindsight/test_noise.py::test_night_is_that_of_the_zone",
        ),
        Mutant(
            "what people acknowledged ended alone",
            _NOISE,
            "return is_short and not alert.is_acknowledged",
            "return is_short",
            "unit/application/hindsight/test_noise.py::test_what_somebody_acknowledged_has_not_ended_alone",
        ),
        Mutant(
            "suggestions pass over silences",
            _NOISE,
            "() if notice.why is Why.ENDED or is_silenced else",
            "() if notice.why is Why.ENDED else",
            "unit/application/hindsight/test_noise.py::test_what_a_silence_would_hold_back_today_is_no_reason_for_an_edit",
        ),
    ],
    "backtest": [
        Mutant(
            "a short past seems enough",
            _BACKTEST,
            "return lowest.level is highest.level",
            "return True",
            "unit/application/hindsight/test_backtest.py::test_an_alert_that_has_fired_for_weeks_is_found",
        ),
        Mutant(
            "what was offline before the window counts",
            _BACKTEST,
            "if period.offline_at >= self._start:",
            "if period.until >= self._start:",
            "unit/domain/hindsight/test_backtest.py::"
            "test_a_host_that_is_offline_when_the_window_begins_is_counted_separately",
        ),
        Mutant(
            "the quietest loses long alerts",
            _COMPARISON,
            "for place, each in enumerate(comparisons) if not each.long_lost]",
            "for place, each in enumerate(comparisons)]",
            "unit/domain/hindsight/test_comparison.py",
        ),
    ],
}
