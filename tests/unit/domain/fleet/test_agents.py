"""What an agent says of itself."""

import pytest

from monitor.adapters.agent import VERSION
from monitor.domain.fleet.servers import UNSAID, AgentInfo


@pytest.mark.parametrize(
    ("version", "than", "is_older"),
    [
        ("0.1.0", "0.1.0", False),
        ("0.9.2", "0.10", True),
        ("0.10", "0.9.2", False),
        ("1.0", "1", False),
        ("1", "1.0.1", True),
        ("0.2.0.dev1", "0.2.0", False),
        ("unknown", "0.2.0", False),
        ("0.1", "unknown", False),
        ("", "0.1.0", True),
    ],
)
def test_versions_compare_as_numbers(version, than, is_older):
    assert AgentInfo(version, "").is_older_than(than) is is_older


def test_what_cannot_be_shown_is_nothing():
    assert AgentInfo.of("0.1\u202e", "x") is None
    assert AgentInfo.of("0.1", "x\n") == AgentInfo("0.1", "x")
    assert AgentInfo.of(" ", "Debian") is None
    assert AgentInfo.of("1" * 100, "x" * 500) == ("1" * 50, "x" * 100)
    assert UNSAID.is_older_than(VERSION)
