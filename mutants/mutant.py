"""A mutant: the product with one fault."""

from pathlib import Path
from typing import NamedTuple

from scripts.steps import ROOT

PRODUCT = Path("src/monitor")
TESTS = ROOT / "tests"


class Mutant(NamedTuple):
    """*what*: the fault in a few words. In *file*, below `src/monitor`, *old* becomes *new*.

    *tests*: the files below `tests`, separated by spaces, one of which must fail.
    """

    what: str
    file: str
    old: str
    new: str
    tests: str

    def broken(self) -> str:
        """Return the text of the file with the fault. Raises ValueError unless *old* is there exactly once."""
        text = (ROOT / PRODUCT / self.file).read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.what}: {self.old!r} is {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


Mutants = dict[str, list[Mutant]]
"""By concept."""
