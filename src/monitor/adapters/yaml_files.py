"""Configuration files in YAML: written with comments, the same each time, and read with suspicion.

Of YAML only what JSON has is read, in YAML's notation: no anchors, aliases, tags, merge keys, dates or octal numbers,
and `no` is a text. So a small file cannot become a large one, and no text means two things.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import yaml

from monitor.application.configuration.current import ConfigurationFormat, Written
from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.values import Plain
from monitor.domain.errors import InvalidInput, Problem

MAX_DEPTH = 16
MAX_VALUES = 1_000_000
"""They take 2 s."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the other one is twenty times as slow
_INTEGER = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_WORDS: Mapping[str, Plain] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_BARE = re.compile(r"[A-Za-z][\w./-]*(?: [\w./-]+)*", re.ASCII)
_OTHERS_READ = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Words that other programs do not read as texts."""


class _Refused(Exception):
    def __init__(self, problem: Problem, line: int) -> None:
        super().__init__(problem.code)
        self.problem, self.line = problem, line


class YamlFiles(ConfigurationFormat):
    def read(self, text: str) -> Plain:
        return _checked(text)[0]

    def lines(self, text: str, paths: Collection[Path]) -> Mapping[Path, int]:
        _, tree = _checked(text)
        return {path: _line(tree, path) for path in paths}

    def write(self, written: Written) -> str:
        return "\n".join(_file(written)) + "\n"


_Lines = int | tuple[int, Mapping[str, Any] | Sequence[Any]]
"""The line of a value; of a mapping or list also those of what is in it. A file may have millions of values."""


def _line(lines: _Lines, path: Path) -> int:
    """Return the line of the value at *path*, or of the nearest one around it."""
    for name in path:
        inner: Any = lines[1] if isinstance(lines, tuple) else {}
        try:
            lines = inner[name]
        except (KeyError, IndexError, TypeError):
            break
    return lines[0] if isinstance(lines, tuple) else lines


def _checked(text: str) -> tuple[Plain, _Lines]:
    """Raises InvalidInput naming "config"."""
    try:
        return _Parser(text).document()
    except _Refused as error:
        found, line = error.problem, error.line
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found, line = (
            Problem("invalid_yaml", {"why": error.problem or error.context or ""}),
            mark.line + 1 if mark else 1,
        )
    except (yaml.YAMLError, UnicodeError):  # a character that YAML does not allow
        found, line = Problem("control_characters"), 1
    raise InvalidInput({"config": Problem("at_line", {"line": line, "why": found})})


class _Parser:
    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._values = 0

    def document(self) -> tuple[Plain, _Lines]:
        next(self._events)  # the start of the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            return {}, 1
        found = self._value(next(self._events), 0)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Refused(Problem("one_document"), after.start_mark.line + 1)
        return found

    def _value(self, event: Any, depth: int) -> tuple[Plain, _Lines]:
        line = event.start_mark.line + 1
        self._values += 1
        if self._values > MAX_VALUES:
            raise _Refused(Problem("too_many", {"limit": MAX_VALUES}), line)
        if depth > MAX_DEPTH:
            raise _Refused(Problem("too_deep", {"limit": MAX_DEPTH}), line)
        # Only `!` itself says nothing but that it is a text.
        if isinstance(event, yaml.AliasEvent) or event.anchor or (event.tag and event.tag != "!"):
            raise _Refused(Problem("not_plain_yaml"), line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event), line
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth, line)
        return self._mapping(depth, line)

    def _list(self, depth: int, line: int) -> tuple[Plain, _Lines]:
        found: list[Plain] = []
        lines: list[_Lines] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value, inner = self._value(event, depth + 1)
            found.append(value)
            lines.append(inner)
        return found, (line, lines)

    def _mapping(self, depth: int, line: int) -> tuple[Plain, _Lines]:
        found: dict[str, Plain] = {}
        lines: dict[str, _Lines] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            at = event.start_mark.line + 1
            if (
                not isinstance(event, yaml.ScalarEvent)
                or event.anchor
                or event.tag
                or (event.value == "<<" and not event.style)
            ):
                raise _Refused(Problem("not_plain_yaml"), at)
            if event.value in found:
                raise _Refused(Problem("repeated"), at)
            value, inner = self._value(next(self._events), depth + 1)
            found[event.value], lines[event.value] = value, (at, inner[1]) if isinstance(inner, tuple) else at
        return found, (line, lines)


def _scalar(event: Any) -> Plain:
    text: str = event.value
    if not event.implicit[0] or event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _file(written: Written) -> Iterator[str]:
    yield from _comment(written.head, "")
    for name, value in written.tree.items():
        yield ""
        yield from _comment(written.comments.get(name, ""), "")
        if not value:
            yield f"{name}: {'[]' if isinstance(value, list) else '{}'}"
            continue
        yield f"{name}:"
        yield from _block(value, "  ")


def _comment(text: str, indent: str) -> Iterator[str]:
    return (f"{indent}# {line}".rstrip() for line in text.splitlines())


def _block(value: Plain, indent: str) -> Iterator[str]:
    """Yield the lines of a mapping or list that is not empty. Lists without mappings are written in one line."""
    if isinstance(value, list):
        for each in value:
            lines = list(_block(each, indent + "  "))
            yield f"{indent}- {lines[0].strip()}"
            yield from lines[1:]
        return
    for name, each in value.items():
        if each and (isinstance(each, dict) or (isinstance(each, list) and isinstance(each[0], dict))):
            yield f"{indent}{_text(name)}:"
            yield from _block(each, indent + "  ")
        else:
            yield f"{indent}{_text(name)}: {_flow(each)}"


def _flow(value: Plain) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    return "{}" if value == {} else json.dumps(value)


_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
"""What JSON leaves as it is, and YAML does not allow or would fold."""


def _text(value: str) -> str:
    """Return a text bare if no program could take it for anything else; else as in JSON, which YAML reads too."""
    if _BARE.fullmatch(value) and value.lower() not in _OTHERS_READ:
        return value
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
