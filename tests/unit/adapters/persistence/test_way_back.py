"""Which steps a downgrade undoes, and what it says is lost."""

import pytest

from monitor.adapters.persistence.engine.migration_plans import MigrationRefused, described, way_back


@pytest.mark.parametrize(
    ("revision", "end", "undone"),
    [
        ("0028", "0028", ["0030", "0029"]),
        ("-1", "0029", ["0030"]),
        ("-30", "", [f"{number:04d}" for number in range(30, 0, -1)]),
        ("base", "", [f"{number:04d}" for number in range(30, 0, -1)]),
        ("0030", "0030", []),
    ],
)
def test_the_way_to_a_revision(revision: str, end: str, undone: list[str]):
    way = way_back("0030", revision)
    assert (end, undone) == (way.end, [step.revision for step in way.steps])


@pytest.mark.parametrize("revision", ["0031", "-31", "-0x1", "28", "", "head", "+1", "--"])
def test_a_revision_that_is_not_behind(revision: str):
    with pytest.raises(MigrationRefused, match="monitor db history"):
        way_back("0030", revision)


def test_an_empty_database_has_no_way_back():
    with pytest.raises(MigrationRefused, match="the database's, none"):
        way_back("", "0001")


def test_what_is_lost_is_said():
    """And nothing of steps that lose nothing."""
    losses = {step.revision: step.loss for step in way_back("0030", "0022").losses}
    assert "Checks and check-ins are deleted, with all that is known of them." == losses["0028"]
    assert not {"0023", "0024"} & losses.keys()


def test_each_step_says_what_it_does_and_what_is_lost():
    """A step that does not say what is lost is described by what it brought."""
    assert [] == [step.revision for step in described() if not step.title or not step.loss]
