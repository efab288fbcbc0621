"""The metrics beside CPU, memory and disk: what the server knows of them."""

from types import SimpleNamespace

from monitor.adapters.agent.clock import Moment
from monitor.adapters.agent.probes.devices import Devices
from monitor.adapters.agent.probes.extra import DEVICE_METRICS, HOST_METRICS, Host
from monitor.domain.intake.metrics import known


class Everything(Devices):
    """Devices of a host that has one of each."""

    mount_points = ("/", "/var")
    temperatures = (("temp:coretemp/core_0", 41.0), ("temp:nvme/composite", 35.0))
    arrays = ("md0",)

    def __init__(self) -> None:
        """Nothing is looked up."""


HOST = Host(
    SimpleNamespace(
        swap_memory=lambda: SimpleNamespace(percent=12.0),
        disk_usage=lambda _path: SimpleNamespace(percent=70.0),
        boot_time=lambda: 0.0,
    ),
    Moment(100.0, 100.0, 0),
    Everything(),
    dict.fromkeys(("net_rx", "net_tx", "disk_read", "disk_write"), 1.0),
    {"net_rx:eth0": 1.0, "net_tx:eth0": 1.0, "disk_read:sda": 1.0, "disk_write:sda": 1.0},
    42,
    unexpected=True,
)


def test_every_metric_is_in_the_servers_catalogue():
    """Charts, alerts and mails take name and unit from there."""
    names = [name for metric in HOST_METRICS + DEVICE_METRICS for name, _ in metric(HOST)]
    assert {"load1", "swap", "net_rx", "temperature", "uptime", "processes", "disk:/var", "unexpected_restart"} <= set(
        names
    )
    assert [name for name in names if known(name) is None] == []
