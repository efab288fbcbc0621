"""The agent as one file: built by the server, run by a host (`python3 monitor-agent.pyz`)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

FILE_NAME = "monitor-agent.pyz"

_LEFT_OUT = {"__main__.py", "install/script.py"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_TRUSTED = (1).to_bytes(4, "little")
"""The flag of PEP 552 for bytecode that is not compared with its source."""

# Without annotations or f-strings, so that an old Python prints the message and not a syntax error.
_ENTRY = """\
import sys

if sys.version_info < (3, 9):
    sys.exit("monitor-agent: Python 3.9 or later is needed, this is %d.%d" % sys.version_info[:2])

from monitor_agent.main import main

sys.exit(main(sys.argv[1:]))
"""


@cache
def build_bundle() -> bytes:
    """Return the agent as a zipapp.

    The same sources give the same bytes: entries have no times, and are stored without compression, which also saves
    hosts from loading zlib. It is built once: its checksum stays right while the server's files are upgraded.
    """
    import zipfile  # Loaded only if the agent is downloaded.

    sources = {"__main__.py": _ENTRY.encode()}
    agent = files(__package__ and __package__.rpartition(".")[0])
    sources.update((f"monitor_agent/{name}", text) for name, text in _sources(agent) if name not in _LEFT_OUT)
    buffer = io.BytesIO()
    buffer.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        for name in sorted(sources):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr = _MODE
            archive.writestr(info, sources[name])
    return buffer.getvalue()


def add_bytecode(path: str) -> None:
    """Add the bytecode of each source to the bundle at *path*; other versions of Python use the sources.

    Python cannot store bytecode in a zip file. It would compile everything at each start, which is half of a start's
    time and leaves 0.7 MB in use. Raises OSError, and zipfile.BadZipFile if it is not a bundle.
    """
    import importlib.util
    import marshal
    import zipfile

    with zipfile.ZipFile(path, "a") as bundle:
        for name in bundle.namelist():
            source = bundle.read(name)
            code = compile(source, name, "exec", dont_inherit=True)
            head = importlib.util.MAGIC_NUMBER + _TRUSTED + importlib.util.source_hash(source)
            bundle.writestr(f"{name}c", head + marshal.dumps(code))


def _sources(folder: Any, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".py"):
            yield f"{prefix}{entry.name}", entry.read_bytes()
