"""The built screen."""

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.adapters.http.edge.answers import Receive, Scope, Send, best, send_answer

BUILT = Path(__file__).parent / "static" / "ui"
"""Directory of the built screen; missing in a plain checkout."""

_OTHERS = ("/api", "/schema", "/agent", "/ack", "/ping", "/healthz", "/readyz", "/metrics")
_ASSETS = "/assets/"
_PAGE = "/index.html"
_FOR_GOOD = "public, max-age=31536000, immutable"
_PACKED = {".br": "br", ".gz": "gzip"}
"""Suffixes of compressed files beside the plain ones, the best first."""
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".ico": "image/x-icon",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_WORTH_PACKING = frozenset({".html", ".js", ".css", ".json", ".map", ".webmanifest", ".svg", ".txt"})
_LEAST_PACKED = 1000
"""Bytes; a smaller file fits one packet uncompressed."""

Headers = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One file. *forms*: its content by Content-Encoding; "": uncompressed."""

    etag: bytes
    forms: dict[str, bytes]


class Ui:
    """ASGI application for a built screen. Serves only files found at the start, so no path leads elsewhere."""

    def __init__(self, directory: Path) -> None:
        found = {path for path in directory.rglob("*") if path.is_file()}
        packed = {path for path in found if path.suffix in _PACKED and path.with_suffix("") in found}
        self._files = {f"/{path.relative_to(directory).as_posix()}": path for path in found - packed}
        self._read: dict[Path, _Read] = {}

    def is_asked(self, method: str, path: str, headers: Headers) -> bool:
        """Return whether the screen answers the request: its files, and the addresses of its pages for browsers."""
        if method not in ("GET", "HEAD") or any(path == other or path.startswith(f"{other}/") for other in _OTHERS):
            return False
        known = path == "/" or path in self._files or path.startswith(_ASSETS)
        return known or b"text/html" in headers.get(b"accept", b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, headers = scope["path"], dict(scope["headers"])
        name = path if path in self._files or path.startswith(_ASSETS) else _PAGE
        read = await self._contents(name)
        if read is None:
            await send_answer(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"Not Found\n")
            return
        kept = [
            (b"cache-control", (_FOR_GOOD if name.startswith(_ASSETS) else "no-cache").encode()),
            (b"etag", read.etag),
            (b"vary", b"accept-encoding"),
        ]
        if _is_known(headers.get(b"if-none-match", b""), read.etag):
            await send_answer(send, 304, kept, b"")
            return
        coding = best(headers.get(b"accept-encoding", b""), (each for each in _PACKED.values() if each in read.forms))
        kind = _KINDS.get(Path(name).suffix, "application/octet-stream")
        encoding = [(b"content-encoding", coding.encode())] if coding else []
        await send_answer(send, 200, [(b"content-type", kind.encode()), *encoding, *kept], read.forms[coding])

    async def _contents(self, name: str) -> _Read | None:
        """Return the file, kept in memory once read: the whole screen is 1 to 2 MB."""
        path = self._files.get(name)
        if path is None:
            return None
        if path not in self._read:
            try:
                self._read[path] = await asyncio.to_thread(_read, path)
            except FileNotFoundError:  # rebuilt meanwhile, under another name
                return None
        return self._read[path]


def built_ui(directory: Path | None) -> Ui | None:
    """Return None if the screen was not built."""
    return Ui(directory) if directory is not None and (directory / "index.html").is_file() else None


def _read(path: Path) -> _Read:
    plain = path.read_bytes()
    forms = {"": plain}
    for suffix, coding in _PACKED.items():
        packed = path.with_name(path.name + suffix)
        if packed.is_file():
            forms[coding] = packed.read_bytes()
    if "gzip" not in forms and path.suffix in _WORTH_PACKING and len(plain) >= _LEAST_PACKED:
        forms["gzip"] = gzip.compress(plain, mtime=0)
    # Weak, since compressed forms share it.
    return _Read(etag=f'W/"{hashlib.sha256(plain).hexdigest()[:20]}"'.encode(), forms=forms)


def _is_known(header: bytes, etag: bytes) -> bool:
    return any(tag.strip() in (etag, etag.removeprefix(b"W/"), b"*") for tag in header.split(b","))
