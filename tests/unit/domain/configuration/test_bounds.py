"""A file may have as many things as a large fleet needs, and no more: each takes time."""

from typing import Any

import pytest

from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.reading import Unreadable, read
from monitor.domain.configuration.references import Installation
from monitor.domain.errors import Problem

EMPTY = Configuration(checks=(), check_ins=(), channels=(), teams=(), policies=(), silences=(), tags={})
NOWHERE = Installation(servers={}, users={}, forms={})
ALLOWED = 100_000


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ({"policies": [None] * (ALLOWED + 1)}, "policies"),
        ({"checks": dict.fromkeys(map(str, range(ALLOWED + 1)))}, "checks"),
        ({"checks": dict.fromkeys(map(str, range(ALLOWED))), "silences": [None]}, "silences"),
    ],
    ids=["list", "mapping", "together"],
)
def test_too_many_things_are_refused_before_one_is_read(tree: dict[str, Any], named: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tree, EMPTY, NOWHERE)
    assert {(named,): Problem("too_many", {"limit": ALLOWED})} == refusal.value.problems


@pytest.mark.parametrize("section", ["rotas", "escalations"])
def test_there_are_few_rotas_and_escalations(section: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read({section: dict.fromkeys(map(str, range(201)))}, EMPTY, NOWHERE)
    assert {(section,): Problem("too_many", {"limit": 200})} == refusal.value.problems


def test_tags_are_not_counted() -> None:
    tags: dict[str, Any] = {f"host-{number}": [] for number in range(ALLOWED + 1)}
    assert ALLOWED + 1 == len(read({"tags": tags}, EMPTY, NOWHERE).missing)
