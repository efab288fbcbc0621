"""The number of connections that a server allows, from its limit of descriptors."""

import pytest

from monitor.cli.process import ENOUGH, RESERVED, max_connections


@pytest.mark.parametrize(
    ("descriptors", "connections"),
    [(100, 50), (256, 128), (1024, 896), (ENOUGH, ENOUGH - RESERVED), (1_048_576, ENOUGH - RESERVED)],
)
def test_some_descriptors_are_reserved_and_the_number_is_limited(descriptors: int, connections: int) -> None:
    assert connections == max_connections(descriptors)
