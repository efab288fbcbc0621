"""What of a log may leave the installation: what our own code wrote, never what came from outside."""

import re
from collections.abc import Iterable, Iterator

_EVENTS = (
    "job fails|job works again|slow request|request failed|a delivery failed|live tick failed|a probe failed|"
    "intake failed|remote write failed|single sign-on failed|results of checks are lost|left undone"
)
_EVENT = re.compile(rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \[\w{{4,8}} *\]) (?:({_EVENTS})\b)?.*")
# Whole values, so that nothing within one that is quoted is taken for another.
_VALUE = re.compile(r"""\s(\w+)=('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S*)""")
_WORDS, _NUMBER = re.compile(r"(?:'[\w /{}-]*'|[\w/{}-]+)\Z"), re.compile(r"-?\d+(?:\.\d+)?\Z")
_SHOWN = {"job": _WORDS, "route": _WORDS, "error": re.compile(r"['\"]?[A-Z]\w*(?=\()")}
_SHOWN |= dict.fromkeys(("seconds", "silence", "rota", "user", "users", "channel", "channels"), _NUMBER)
_STATEMENT = r"monitor\.adapters\.persistence\.engine\.slow: .*"  # without its values
_RECORD = re.compile(rf"(?:WARNING|ERROR|CRITICAL) (?:{_STATEMENT}|(?:monitor|litestar|uvicorn|sqlalchemy)[\w.]*:)")
_FRAME = re.compile(r"\s+File \".*/((?:monitor|site-packages)/[\w./-]+\.py\", line \d+), in \w+")


def redacted(lines: Iterable[str]) -> Iterator[str]:
    """Yield of each line what may be shown: of values our own numbers, jobs, routes and the classes of errors; of
    texts those that are known. Nothing of a line that is not understood."""
    for line in lines:
        if found := _EVENT.fullmatch(line):
            yield " ".join([found[1], found[2] or "(a text)", *_values(line)])
        elif found := _RECORD.match(line):
            yield found[0]
        elif found := _FRAME.fullmatch(line):
            yield f"    {found[1]}"


def _values(line: str) -> Iterator[str]:
    for name, value in _VALUE.findall(line):
        if name in _SHOWN and (shown := _SHOWN[name].match(value)):
            yield f"{name}={shown[0]}"
