"""What the import contracts cannot express: packages that no contract names, and paths in documents."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/decisions").glob("*.md")]
BASES = ["", "src/monitor", "src/monitor/adapters", "src/monitor/adapters/agent"]
MOST_MODULES = 20
SHORT = {"i/": "tests/integration/", "u/": "tests/unit/"}
"""As docs/security.md writes them."""
OLD_TREE = "0027-by-concept.md"
"""Names files of an older commit and of other projects too."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("monitor", include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("layer", ["monitor.domain", "monitor.application"])
def test_the_core_stands_on_the_standard_library_alone(graph: grimp.ImportGraph, layer: str) -> None:
    """The core can be embedded and read without knowing any package."""
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


def test_no_folder_holds_more_than_twenty_modules() -> None:
    """A newcomer reads the names of a folder at a glance."""
    folders = Counter(path.parent.relative_to(ROOT) for path in (ROOT / "src").rglob("*.py"))
    assert {} == {str(folder): count for folder, count in folders.items() if count > MOST_MODULES}


def test_one_place_decides_who_sees_a_server() -> None:
    """What memory is asked, and which servers a query may read. The store in memory answers like the one in SQL."""
    source = ROOT / "src/monitor"
    texts = {str(path.relative_to(source)): path.read_text() for path in source.rglob("*.py")}
    guard = "application/fleet/visibility.py"

    def files_with(text: str) -> set[str]:
        return {file for file, held in texts.items() if text in held and not file.startswith("adapters/memory/")}

    # An import sees only whether an address is taken.
    assert files_with(".is_visible_to(") == {guard, "application/fleet/server_csv.py"}
    assert files_with("VisibleIds(") == {guard}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths_in_documents_exist(document: Path) -> None:
    text = document.read_text()
    if document.name != OLD_TREE:
        code = re.findall(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|md|ts|vue))`", text)
        paths = [SHORT.get(path[:2], path[:2]) + path[2:] for path in code]
        assert [] == [path for path in paths if not any((ROOT / base / path).exists() for base in BASES)]
