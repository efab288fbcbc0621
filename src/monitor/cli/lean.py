"""What libraries load where they find it, or load always, and a server has no use for: 14 MB, and a third of the time
that a start takes."""

import sys
import threading
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

_WITHOUT = (
    ("asyncio", ("ssl",), ()),
    ("structlog", ("greenlet", "rich"), ()),
    ("importlib.metadata", (), ("zipfile",)),
    (
        "dependency_injector.containers",
        ("fastapi", "starlette", "werkzeug", "yaml"),
        ("configparser", "dependency_injector.wiring"),
    ),
    ("sqlalchemy", ("_hashlib", "greenlet"), ()),
    ("hmac", ("_hashlib",), ()),
    ("html", (), ("html.entities",)),
    ("anyio._backends._asyncio", (), ("ssl",)),
    ("jwt", (), ("jwt.jwks_client",)),
    ("uvloop", (), ("ssl",)),
    ("uvicorn", (), ("configparser", "logging.config", "ssl", "uvicorn.supervisors")),
    ("litestar", (), ("pdb", "yaml")),
)
"""A library, before others that import it; what it would use but does without; and what it looks into only on demand,
and never on ours."""
_LATER = "ssl"
"""5 MB with OpenSSL: for mails, webhooks and databases behind TLS, and not before there is such a one."""
_ONE_AT_A_TIME = threading.Lock()


def load() -> None:
    """The libraries, each without what it need not have. Call before anything imports them."""
    for library, not_there, left_out in _WITHOUT:
        with _instead(not_there, None), _instead(left_out, _LeftOut("left out")):
            import_module(library)
    typing.clear_overloads()  # kept for whoever asks what they are, which nobody does here
    # Not only here: litestar looks for it when it makes an application.
    sys.modules.setdefault("attr", typing.cast(ModuleType, None))
    sys.modules.setdefault(_LATER, _Later(_LATER))


class _LeftOut(ModuleType):
    """Has whatever is imported from it: 0, since uvloop wants numbers."""

    def __getattr__(self, name: str) -> int:
        if name.startswith("__"):
            raise AttributeError(name)
        return 0


class _Later(ModuleType):
    """Loaded when something of it is asked for, and then the module itself to whoever imports it."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        with _ONE_AT_A_TIME:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def _instead(names: tuple[str, ...], stand_in: ModuleType | None) -> Iterator[None]:
    """None: there is no such module. What was loaded before stays."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent, typing.cast(ModuleType, stand_in)))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
