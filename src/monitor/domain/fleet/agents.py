"""What a server's agent says of itself."""

import re
from typing import NamedTuple

from monitor.domain.text import has_invisible_characters

LONGEST_VERSION = 50
LONGEST_SYSTEM = 100
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9})*")


class AgentInfo(NamedTuple):
    """*version*: empty for an agent that is too old to say. *system*: the operating system's name for people."""

    version: str
    system: str

    @staticmethod
    def of(version: str, system: str) -> "AgentInfo | None":
        """Return None for texts that cannot be shown."""
        version, system = version.strip(), system.strip()
        if not version or has_invisible_characters(version + system):
            return None
        return AgentInfo(version[:LONGEST_VERSION], system[:LONGEST_SYSTEM])

    def is_older_than(self, version: str) -> bool:
        """Compare numbers, such as 0.9.2 with 0.10. A version that does not begin with a number is never older."""
        own, other = _numbers(self.version), _numbers(version)
        return not self.version or (own is not None and other is not None and own < other)


UNSAID = AgentInfo("", "")
"""Of an agent that is too old to say."""


def _numbers(version: str) -> list[int] | None:
    found = _NUMBERS.match(version)
    if found is None:
        return None
    numbers = [*map(int, found[0].split("."))]
    while numbers and not numbers[-1]:
        numbers.pop()  # 1.0 is 1.
    return numbers
