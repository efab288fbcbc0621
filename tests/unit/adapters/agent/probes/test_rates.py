"""Rates are right or absent; never negative, never a spike."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.probes.devices import CEILING, Rates

totals = st.integers(0, 2**64)
devices = st.dictionaries(st.sampled_from(["eth0", "eth1", "wlan0"]), totals, min_size=1)
spans = st.floats(0.01, 1e4)


def test_the_first_call_gives_no_rate():
    assert Rates().observe(10.0, 10.0, {"net_rx": {"eth0": 5_000}}) == {}


def test_a_rate_is_the_gain_of_all_devices_per_second():
    rates = Rates()
    rates.observe(10.0, 10.0, {"net_rx": {"eth0": 1_000, "eth1": 0}})
    assert rates.observe(20.0, 20.0, {"net_rx": {"eth0": 2_000, "eth1": 500}}) == {"net_rx": 150.0}


def test_a_suspend_gives_no_value_and_the_next_sample_gives_one():
    rates = Rates()
    rates.observe(10.0, 10.0, {"net_rx": {"eth0": 0}})
    assert rates.observe(25.0, 3_625.0, {"net_rx": {"eth0": 9_000}}) == {}
    assert rates.observe(40.0, 3_640.0, {"net_rx": {"eth0": 9_150}}) == {"net_rx": 10.0}


def test_an_added_device_gives_no_value():
    """Its earlier counts are not a gain of this span."""
    rates = Rates()
    rates.observe(10.0, 10.0, {"net_rx": {"eth0": 0}})
    assert rates.observe(20.0, 20.0, {"net_rx": {"eth0": 10, "usb0": 10**9}}) == {}


def test_one_metric_that_resets_leaves_the_others():
    rates = Rates()
    rates.observe(0.0, 0.0, {"net_rx": {"eth0": 100}, "net_tx": {"eth0": 100}})
    assert rates.observe(10.0, 10.0, {"net_rx": {"eth0": 3}, "net_tx": {"eth0": 200}}) == {"net_tx": 10.0}


@given(before=devices, after=devices, span=spans, asleep=st.sampled_from([0.0, 0.5, 0.999, 1.001, 3_600.0]))
def test_a_rate_is_the_gain_or_absent(before, after, span, asleep):
    rates = Rates()
    rates.observe(0.0, 0.0, {"m": before})
    found = rates.observe(span, span + asleep, {"m": after})
    fell = any(after[name] < before[name] for name in after.keys() & before.keys())
    knowable = before.keys() == after.keys() and not fell and asleep <= 1
    if found:
        assert knowable
        assert 0 <= found["m"] <= CEILING
        assert found["m"] == round(sum(after[name] - before[name] for name in after) / span, 1)
    elif knowable:
        assert sum(after[name] - before[name] for name in after) / span > CEILING


@given(before=devices, span=st.sampled_from([0.0, -1.0, -1e9]))
def test_time_that_does_not_move_gives_no_value(before, span):
    rates = Rates()
    rates.observe(0.0, 0.0, {"m": before})
    assert rates.observe(span, span, {"m": before}) == {}
