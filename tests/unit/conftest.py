"""Unit tests reach no network: a test that tries fails, even where the code under test swallows the error."""

import socket
from collections.abc import Iterator

import pytest


class SocketForbiddenError(RuntimeError):
    """A unit test opened a socket."""


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every socket but the local pairs that an event loop wakes itself with."""
    attempts: list[str] = []

    def refuse(what: str) -> SocketForbiddenError:
        attempts.append(what)
        return SocketForbiddenError(f"unit tests open no sockets: {what}")

    class LocalSocket(socket.socket):
        def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:  # noqa: A002 (the signature of socket.socket)
            if fileno is None and family != socket.AF_UNIX:
                raise refuse(f"socket({family}, {type})")
            super().__init__(family, type, proto, fileno)

    def look_up(host: object, *_args: object, **_kwargs: object) -> None:
        raise refuse(f"getaddrinfo({host!r})")

    monkeypatch.setattr(socket, "socket", LocalSocket)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield
    assert attempts == [], "the test swallowed the refusal of a socket"
