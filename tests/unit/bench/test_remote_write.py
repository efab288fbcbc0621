from bench.parts.remote_write import OURS, PACED, THEIRS, figures
from bench.parts.rounds import Runs

FAST = {"rate": 20.0, "samples": 39_900.0, "per_cpu_second": 25.0, "p99": 300.0}
FASTER = {"rate": 400.0, "samples": 798_000.0, "per_cpu_second": 250.0, "p99": 12.0}
OURS_ALONE: Runs = {OURS: [FAST], OURS + PACED: [{"rate": 9.0, "p99": 80.0}]}


def test_each_figure_is_a_ratio_to_the_peer_and_two_have_goals() -> None:
    found = figures({**OURS_ALONE, THEIRS: [FASTER], THEIRS + PACED: [{"rate": 9.0, "p99": 8.0}]})
    assert [
        ("20 = 0.05× (0.05–0.05)", "VictoriaMetrics 400"),
        ("39,900 = 0.05× (0.05–0.05)", "VictoriaMetrics 798,000"),
        ("25 = 0.1× (0.1–0.1)", "VictoriaMetrics 250"),
        ("80.0 ms = 10× (10–10)", "VictoriaMetrics 8.0 ms"),
    ] == [(each.measured, each.beside) for each in found]
    assert [False, None, None, False] == [each.met for each in found]


def test_without_the_peer_there_are_our_figures_alone() -> None:
    found = figures(OURS_ALONE)
    assert ["20", "39,900", "25", "80.0 ms"] == [each.measured for each in found]
    assert {"VictoriaMetrics was not available"} == {each.beside for each in found}
