"""What the import contracts cannot say: that whatever they do not name is refused too."""

import sys
from collections.abc import Iterator

import grimp
import pytest


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("monitor", include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("layer", ["monitor.domain", "monitor.application"])
def test_the_core_stands_on_the_standard_library_alone(graph: grimp.ImportGraph, layer: str) -> None:
    """Embedding the core, or reading it, asks for no knowledge of any package."""
    assert set() == set(third_party_packages(graph, layer))


def test_the_agent_needs_psutil_and_nothing_else(graph: grimp.ImportGraph) -> None:
    """It runs on every host, so it stays small in memory and quick to install."""
    assert {"psutil"} >= set(third_party_packages(graph, "monitor.adapters.agent"))


def third_party_packages(graph: grimp.ImportGraph, package: str) -> Iterator[str]:
    for module in {package} | graph.find_descendants(package):
        for imported in graph.find_modules_directly_imported_by(module):
            top_level = imported.partition(".")[0]
            if top_level != "monitor" and top_level not in sys.stdlib_module_names:
                yield top_level
