"""Which cores devices interrupt little."""

from collections.abc import Collection

import pytest

from monitor.cli.cores import calm

INTERRUPTS = """\
            CPU0       CPU1       CPU3
  24:          1          0          0  IO-APIC   5-edge      ACPI:Ged
  36:          0    4934356          9  PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
  38:    2000000        500          0  PCI-MSIX-0000:00:03.0   1-edge      virtio2-rx
 LOC:  999999999          0          0  Local timer interrupts
 ERR:          0
"""


@pytest.mark.parametrize(
    ("cores", "expected"),
    [({0, 1, 3}, {0, 3}), ({0, 1}, {0}), ({0, 3}, {3}), ({3}, {3}), ({1}, {1}), ({0, 1, 3, 7}, {0, 3, 7})],
)
def test_a_core_that_serves_a_disk_is_left_out(cores: Collection[int], expected: Collection[int]) -> None:
    assert expected == calm(cores, INTERRUPTS)


def test_where_all_serve_as_many_all_are_calm() -> None:
    assert {0, 1} == calm({0, 1}, "  CPU0 CPU1\n 36: 1000 501  virtio1-req.0\n")
    assert {0, 1} == calm({0, 1}, "  CPU0 CPU1\n")


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "\n",
        "  CPU0 CPU1\n 36:\n\n",
        "  CPU0 CPU1\n 36: 7 GICv3 27 Level eth0\n 11: 9 7777 GICv3 30 Level arch_timer\n",
    ],
    ids=["of a container", "blank", "without counts", "of ARM"],
)
def test_what_says_little_leaves_out_no_core_wrongly(odd: str) -> None:
    assert 1 in calm({0, 1}, odd)
