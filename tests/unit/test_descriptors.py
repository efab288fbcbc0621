"""How many of its descriptors a server lets connections have."""

import pytest

from monitor.cli.descriptors import ENOUGH, RESERVED, most_connections


@pytest.mark.parametrize(
    ("descriptors", "connections"),
    [(100, 50), (256, 128), (1024, 896), (ENOUGH, ENOUGH - RESERVED), (1_048_576, ENOUGH - RESERVED)],
)
def test_the_rest_of_the_process_keeps_some_and_there_is_an_end(descriptors: int, connections: int) -> None:
    assert connections == most_connections(descriptors)
