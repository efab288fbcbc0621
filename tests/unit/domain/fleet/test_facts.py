"""Facts of hosts are bounded, whatever an agent sends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet.facts import LONGEST, MOST, MOST_DISKS, Facts, HostFacts
from monitor.domain.text import has_invisible_characters

AT = datetime(2026, 12, 1, 12, 0, 0, 500_000, tzinfo=UTC)
numbers = st.integers() | st.sampled_from([-1, 0, MOST, MOST + 1, 2**64, 10**40])


@given(st.text(max_size=300), numbers, st.dictionaries(st.text(max_size=300), numbers, max_size=40))
def test_whatever_is_sent_is_short_and_can_be_shown(text, number, disks):
    found = Facts(kernel=text, architecture=text, cpu=text, cores=number, memory=number, swap=number, disks=disks)
    for each in (found.kernel, found.cpu, *found.disks):
        assert len(each) <= LONGEST
        assert not has_invisible_characters(each)
    assert all(0 <= each <= MOST for each in (found.cores, found.memory, found.swap, *found.disks.values()))
    assert len(found.disks) <= MOST_DISKS


@pytest.mark.parametrize(
    ("uptime", "booted"),
    [
        (None, None),
        (-0.1, None),
        (1e11, None),
        (1e300, None),
        (0.0, datetime(2026, 12, 1, 12, tzinfo=UTC)),
        (86_400.0, datetime(2026, 11, 30, 12, tzinfo=UTC)),
        (1e10, (AT - timedelta(seconds=1e10)).replace(microsecond=0)),
    ],
)
def test_the_boot_is_where_the_uptime_began(uptime, booted):
    assert HostFacts.of(Facts(), AT, uptime).booted_at == booted
