import pytest

from bench.wrk import parsed

SAID = """Running 5s test @ http://127.0.0.1:8000
  1 threads and 64 connections
Requests/sec:   9000.00
{"requests":45000,"microseconds":5000000,"p50":6100,"p90":9000,"p99":14250,"slowest":41000,"refused":5000,"broken":2}
"""


def test_times_are_milliseconds_and_the_rate_counts_only_good_responses():
    load = parsed(SAID)
    assert (load.p50, load.p90, load.p99, load.slowest) == (6.1, 9.0, 14.25, 41.0)
    assert (load.requests, load.seconds, load.refused, load.broken) == (45_000, 5.0, 5_000, 2)
    assert load.rate == 8_000
    assert load.as_json()["rate"] == 8_000


@pytest.mark.parametrize("output", ["", "unable to connect\n", SAID + SAID])
def test_other_output_is_an_error(output):
    with pytest.raises(ValueError, match="wrk printed no figures"):
        parsed(output)
