"""The agent as one file that a host can run: `python3 monitor-agent.pyz`."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files

FILE_NAME = "monitor-agent.pyz"

_LEFT_OUT = {"bundle.py", "install.py", "__main__.py"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16

# Without annotations or f-strings, so that a Python which is too old gets the sentence and not a syntax error.
_ENTRY = """\
import sys

if sys.version_info < (3, 9):
    sys.exit("monitor-agent: Python 3.9 or later is needed, this is %d.%d" % sys.version_info[:2])

from monitor_agent.main import main

sys.exit(main(sys.argv[1:]))
"""


@cache
def build_bundle() -> bytes:
    """A zipapp of this very package; needs Python 3.9 where it runs, psutil if that is not Linux, and nothing else.

    The same sources give the same bytes: no times, and stored rather than compressed, which also saves the host from
    loading zlib. Made once, so that an upgrade under a running server does not part it from its checksum.
    """
    import zipfile  # for those alone who ask for the agent

    sources = {"__main__.py": _ENTRY.encode()}
    for entry in files(__package__).iterdir():
        if entry.name.endswith(".py") and entry.name not in _LEFT_OUT:
            sources[f"monitor_agent/{entry.name}"] = entry.read_bytes()
    buffer = io.BytesIO()
    buffer.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        for name in sorted(sources):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr = _MODE
            archive.writestr(info, sources[name])
    return buffer.getvalue()
