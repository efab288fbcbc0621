"""docs/security.md: every test that it names exists, and no requirement is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
LEVELS_1_AND_2 = {
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each section of OWASP ASVS 5.0 has: they come first in it."""
FOLDERS = {"i": "tests/integration", "u": "tests/unit", "tests": "tests"}


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(i|u|tests)/([\w/.]+)`", TEXT)
    assert len(named) > 50
    assert [f"{folder}/{path}" for folder, path in named if not (ROOT / FOLDERS[folder] / path).exists()] == []


def test_each_requirement_has_its_place() -> None:
    listed = re.findall(r"\b(?:[6-9]|10)\.\d\.\d+\b", TEXT[TEXT.index("## OWASP ASVS") : TEXT.index("## Known limits")])
    wanted = {f"{section}.{number}" for section, count in LEVELS_1_AND_2.items() for number in range(1, count + 1)}
    assert wanted - set(listed) == set()
