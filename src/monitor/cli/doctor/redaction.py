"""What of a log may leave the installation: what our own code wrote, never what came from outside."""

import re
from collections.abc import Iterable, Iterator

_EVENTS = (
    "job fails|job works again|slow request|request failed|a delivery failed|live tick failed|a probe failed|"
    "intake failed|remote write failed|single sign-on failed|results of checks are lost|left undone"
)
_EVENT = re.compile(rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \[\w{{4,8}} *\]) (?:({_EVENTS})\b)?.*")
_VALUE = re.compile(r"\s((?:job|route)=(?:'[\w /{}-]*'|[\w/{}-]+)|\w+=-?\d+(?:\.\d+)?|error=.[A-Z]\w+)(?=[\s(]|$)")
_STATEMENT = r"monitor\.adapters\.persistence\.engine\.slow: .*"  # without its values
_RECORD = re.compile(rf"(?:WARNING|ERROR|CRITICAL) (?:{_STATEMENT}|(?:monitor|litestar|uvicorn|sqlalchemy)[\w.]*:)")
_FRAME = re.compile(r"\s+File \".*/((?:monitor|site-packages)/[\w./-]+\.py\", line \d+), in \w+")


def redacted(lines: Iterable[str]) -> Iterator[str]:
    """Yield of each line what may be shown: of values numbers, jobs, routes and the classes of errors; of texts those
    that are known. Nothing of a line that is not understood."""
    for line in lines:
        if found := _EVENT.fullmatch(line):
            yield " ".join([found[1], found[2] or "(a text)", *(each[1] for each in _VALUE.finditer(line))])
        elif found := _RECORD.match(line):
            yield found[0]
        elif found := _FRAME.fullmatch(line):
            yield f"    {found[1]}"
