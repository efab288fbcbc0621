"""ASGI as the parts use it that answer before the framework is loaded (see `late.py`)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
"""Any: the framework and the server have types of their own for the same dictionaries."""
