"""The documents as tests read them: their pages, and their blocks of code."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. *language*: empty where it is a picture or a list."""

    language: str
    text: str


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    return [Block(language, text) for language, text in _BLOCK.findall(read(page))]


def documented(page: str, language: str, beginning: str) -> str:
    """Return the text of the one block of *page* that is of the *language* and begins so."""
    (text,) = (each.text for each in blocks(page) if each.language == language and each.text.startswith(beginning))
    return text
