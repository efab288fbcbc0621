"""What libraries load where they find it, or load always, and a server has no use for: 6 MB, and a tenth of the time
that a start takes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import cast

_WHERE_FOUND = {
    "structlog": ("greenlet", "rich"),
    "dependency_injector.containers": ("fastapi", "starlette", "werkzeug", "yaml"),
    "sqlalchemy": ("greenlet",),
}
"""By library: what it would use, but does without."""
_ALWAYS = {"uvicorn": ("logging.config", "uvicorn.supervisors"), "litestar": ("pdb", "yaml")}
"""By library: what it looks into only on demand, and never on ours."""


def load() -> None:
    """The libraries, each without what it need not have. Call before anything imports them."""
    for library, others in _WHERE_FOUND.items():
        with _instead(others, None):
            import_module(library)
    for library, others in _ALWAYS.items():
        with _instead(others, _LeftOut("left out")):
            import_module(library)


class _LeftOut(ModuleType):
    """Has whatever is imported from it."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


@contextmanager
def _instead(names: tuple[str, ...], stand_in: ModuleType | None) -> Iterator[None]:
    """None: there is no such module. What was loaded before stays."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent, cast(ModuleType, stand_in)))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
