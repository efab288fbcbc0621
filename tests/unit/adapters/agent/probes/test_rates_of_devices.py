"""Rates of single devices."""

from monitor.adapters.agent.probes.devices import Rates


def test_each_device_has_its_own_rate():
    rates = Rates()
    rates.observe(10.0, 10.0, {"net_rx": {"eth0": 1_000, "eth1": 0}})
    assert rates.of_devices == {}
    rates.observe(20.0, 20.0, {"net_rx": {"eth0": 2_000, "eth1": 500}})
    assert rates.of_devices == {"net_rx:eth0": 100.0, "net_rx:eth1": 50.0}


def test_a_device_that_is_added_or_resets_leaves_the_others():
    rates = Rates()
    rates.observe(0.0, 0.0, {"net_rx": {"eth0": 0, "eth1": 100}})
    assert rates.observe(10.0, 10.0, {"net_rx": {"eth0": 10, "eth1": 3, "usb0": 10**9}}) == {}
    assert rates.of_devices == {"net_rx:eth0": 1.0}


def test_a_suspend_gives_no_value():
    rates = Rates()
    rates.observe(10.0, 10.0, {"net_rx": {"eth0": 0}})
    rates.observe(25.0, 3_625.0, {"net_rx": {"eth0": 9_000}})
    assert rates.of_devices == {}
