"""Runs the library apprise once, in a process of its own, and says on standard output how that went.

Read from standard input, as JSON: `url`, `allowed` (networks), and unless only the URL is to be checked `title` and
`text`. Written: `outcome` ("missing", "invalid", "file", "local", "valid", "sent", "failed", "refused") and `status`,
what the service answered, where the library's log tells it.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from monitor.adapters.notify.apprise.files import opens_only_libraries, problem
from monitor.adapters.notify.outbound.destinations import Destinations, networks

_STATUS = re.compile(r"error\s?[=:]\s?(\d{3})\b")
_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
# A plugin that starts a program, or writes to this machine's own log, reaches nobody that should be told.
_NEVER = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "syslog.openlog"})


class Guard:
    """Python's audit hook: called before each connection, with the address as it will be used, and each open file."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        self._may_open = opens_only_libraries()
        self.refused = False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _NEVER or (event in _CONNECTING and not self._takes(args[1])):
            self.refused = True
            raise PermissionError("not allowed from here")
        if event == "open" and not self._may_open(args):
            raise PermissionError("no file of this machine")

    def _takes(self, address: Any) -> bool:
        """False too for local sockets and for names, which the system would look up unseen."""
        return isinstance(address, tuple) and isinstance(address[0], str) and self._destinations.takes(address[0])


class Log(logging.Handler):
    """Keeps the last status of a service. Nothing else: the lines hold addresses and tokens."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if (found := _STATUS.search(record.getMessage())) is not None:
            self.status = int(found[1])


def run(task: dict[str, Any], install: Callable[[Guard], None]) -> dict[str, Any]:
    try:
        import apprise
    except ImportError:
        return {"outcome": "missing"}
    log, guard = Log(), Guard(Destinations(networks(task["allowed"])))
    logger = logging.getLogger("apprise")
    logger.handlers, logger.propagate = [log], False
    services = apprise.NotificationManager()
    services.load_modules()
    install(guard)
    parsed = apprise.plugins.url_to_dict(task["url"])
    if not parsed:
        return {"outcome": "invalid"}
    if (found := problem(services[parsed["schema"]].__name__, parsed)) is not None:
        return {"outcome": found}
    # In memory: by default it would keep files about each service.
    service = apprise.Apprise.instantiate(parsed, asset=apprise.AppriseAsset(storage_mode="memory"))
    if service is None:
        return {"outcome": "invalid"}
    if "text" not in task:
        return {"outcome": "valid"}
    target = apprise.Apprise()
    target.add(service)
    guard.refused = False  # What a plugin tried while it was loaded is not why a message fails.
    is_sent = target.notify(title=task["title"], body=task["text"], body_format=apprise.NotifyFormat.TEXT)
    outcome = "sent" if is_sent else "refused" if guard.refused else "failed"
    return {"outcome": outcome, "status": log.status}


def main() -> None:
    # What a plugin prints must not stand among the answer.
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    json.dump(run(json.load(sys.stdin), sys.addaudithook), answer)
    answer.close()


if __name__ == "__main__":
    main()
