"""How the agent gets to a host: as one file that the server builds (`python3 monitor-agent.pyz`), and a script.

The script installs the agent for one server, from `install.sh` and the systemd unit `monitor-agent.service`.
"""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ..uplink.target import parse_url

_SERVER_LINE = "SERVER=''"
_BUNDLE_LINE = "BUNDLE_SHA256=''"
_UNIT_LINE = "@UNIT@"
_SECURELY = "--proto '=https' --proto-redir '=https' "
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

    The same sources give the same bytes: entries have no times and are not compressed, which also saves hosts from
    loading zlib. It is built once: its checksum stays right while the server's files are upgraded.
    """
    import zipfile  # Loaded only if the agent is downloaded.

    sources = {"__main__.py": _ENTRY.encode()}
    agent = files(__package__ and __package__.rpartition(".")[0])
    sources.update((f"monitor_agent/{name}", text) for name, text in _sources(agent))
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


def install_script(base_url: str) -> str:
    """Return `install.sh` with the server's URL, the systemd unit and the bundle's SHA-256 in it. Raises ValueError."""
    resources = files(__package__)
    script = resources.joinpath("install.sh").read_text(encoding="utf-8")
    unit = resources.joinpath("monitor-agent.service").read_text(encoding="utf-8")
    for line, text in (
        (_SERVER_LINE, f"SERVER={shlex.quote(parse_url(base_url).url)}"),
        (_BUNDLE_LINE, f"BUNDLE_SHA256={sha256(build_bundle()).hexdigest()}"),
        (_UNIT_LINE, unit.rstrip()),
    ):
        if script.count(f"\n{line}\n") != 1:
            raise AssertionError(f"install.sh must contain the line {line} once")
        script = script.replace(f"\n{line}\n", f"\n{text}\n")
    return script


def install_command(base_url: str) -> str:
    """Return the command for a host's shell, with the SHA-256 of the script and without a key. Raises ValueError."""
    url = parse_url(base_url).url
    digest = sha256(install_script(url).encode()).hexdigest()
    securely = _SECURELY if url.startswith("https:") else ""
    return (
        f"curl -fsSL {securely}-o install.sh {shlex.quote(f'{url}/agent/install.sh')}"
        f" && echo '{digest}  install.sh' | sha256sum -c - && sudo sh install.sh"
    )
