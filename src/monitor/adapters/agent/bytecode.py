"""The bundle compiled for the Python of one host.

A zip file has no place where Python would keep what it compiles: it would compile all at every start, which is half of
the work that a start is, and leaves 0.7 MB behind.
"""

from __future__ import annotations

import importlib.util
import marshal
import zipfile

_TRUSTED = (1).to_bytes(4, "little")
"""The flag of PEP 552: not compared with the source, beside which it lies."""


def add_bytecode(path: str) -> None:
    """Add to the bundle at *path* the bytecode of each source. A Python of another version goes on using those.

    Raises OSError, and zipfile.BadZipFile where it is no bundle.
    """
    with zipfile.ZipFile(path, "a") as bundle:
        for name in bundle.namelist():
            bundle.writestr(f"{name}c", _compiled(bundle.read(name), name))


def _compiled(source: bytes, name: str) -> bytes:
    code = compile(source, name, "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + _TRUSTED + importlib.util.source_hash(source) + marshal.dumps(code)
