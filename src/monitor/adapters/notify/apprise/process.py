"""Program that runs the library apprise once, and writes the outcome to standard output.

Standard input, as JSON: `url`, `allowed` (networks), and `title` and `text` unless only the URL is to be checked.
Standard output: `outcome` ("missing", "invalid", "file", "local", "valid", "sent", "failed" or "refused") and `status`,
the HTTP status of the service if the library logged it.

A URL may neither read files of this machine nor write to its desktop or log. Two lines of defence: `problem` checks the
parsed URL, so that the user sees the reason immediately. `may_open` checks each file that the process then opens,
whichever parameter or plugin named it.
"""

import json
import logging
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Mapping
from typing import Any

from monitor.adapters.outbound.destinations import Destinations, networks

FILES = frozenset({"attach", "keyfile", "subfile", "pgppub", "pgpprv"})
"""Parameters that plugins take as files of this machine or as attachments to fetch."""
PLAIN_TEMPLATES = frozenset(
    {
        *("NotifyAWSWhatsApp", "NotifyGupshup", "NotifyKaleyra", "NotifyMSG91", "NotifyNotifyre", "NotifyOneSignal"),
        *("NotifyPushplus", "NotifySendGrid", "NotifySendPulse", "NotifyWhatsApp"),
    }
)
"""Plugins whose parameter `template` is a name or a number. In all others it is the path of a file."""
LOCAL = frozenset(
    {"NotifyBlink1", "NotifyDBus", "NotifyGLib", "NotifyGnome", "NotifyMacOSX", "NotifySyslog", "NotifyWindows"}
)
"""Plugins that notify only this machine."""
_SYSTEM = ("/etc/ssl/", "/usr/share/zoneinfo/", "/usr/share/ca-certificates/")
_SYSTEM_FILES = frozenset(
    {*("/dev/null", "/dev/urandom", "/dev/random"), *("/etc/hosts", "/etc/localtime", "/etc/mime.types")}
    | {"/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/services", "/etc/os-release", "/usr/lib/os-release"}
)
_STATUS = re.compile(r"error\s?[=:]\s?(\d{3})\b")
_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
# A plugin that starts a program or writes to this machine's log reaches no recipient.
_NEVER = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "syslog.openlog"})
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def problem(plugin: str, parsed: Mapping[str, Any]) -> str | None:
    """Return "file", "local" or None. *plugin*: the name of the class. *parsed*: the URL as the library parsed it."""
    if plugin in LOCAL:
        return "local"
    given = {**parsed, **(parsed.get("qsd") or {})}
    names = FILES if plugin in PLAIN_TEMPLATES else FILES | {"template"}
    named = any(given.get(name) for name in names)
    return "file" if named or any(_is_file_url(value) for value in given.values()) else None


def _is_file_url(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower().startswith("file:")


def may_open() -> Callable[[tuple[Any, ...]], bool]:
    """Return a check for the arguments of the audit event "open". It accepts only reads of files that Python needs."""
    paths = sysconfig.get_paths()
    libraries = {*sys.path, *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))}
    allowed = (*_SYSTEM, *(os.path.realpath(path) + os.sep for path in libraries if path))

    def check(args: tuple[Any, ...]) -> bool:
        path, mode, flags = args
        if isinstance(path, int):  # a descriptor: checked when it was opened
            return True
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & _WRITES):
            return bool(path == os.devnull)
        real = os.path.realpath(os.fsdecode(path))
        return real in _SYSTEM_FILES or real.startswith(allowed)

    return check


class Guard:
    """Audit hook of Python: called before each connection, with the numeric address, and before each file is opened."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        self._may_open = may_open()
        self.refused = False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _NEVER or (event in _CONNECTING and not self._allows(args[1])):
            self.refused = True
            raise PermissionError("not allowed from here")
        if event == "open" and not self._may_open(args):
            raise PermissionError("no file of this machine")

    def _allows(self, address: Any) -> bool:
        """Also refuse local sockets, and names, which the system would resolve unchecked."""
        return isinstance(address, tuple) and isinstance(address[0], str) and self._destinations.allows(address[0])


class Log(logging.Handler):
    """Keep the last status of a service, and nothing else: the lines contain addresses and tokens."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if (found := _STATUS.search(record.getMessage())) is not None:
            self.status = int(found[1])


def run(task: dict[str, Any], install: Callable[[Guard], None]) -> dict[str, Any]:
    """Check or send *task*, and return the outcome. *install* puts the guard in place."""
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
    # By default apprise would keep files about each service.
    service = apprise.Apprise.instantiate(parsed, asset=apprise.AppriseAsset(storage_mode="memory"))
    if service is None:
        return {"outcome": "invalid"}
    if "text" not in task:
        return {"outcome": "valid"}
    target = apprise.Apprise()
    target.add(service)
    guard.refused = False  # What a plugin tried while it was loaded does not count.
    is_sent = target.notify(title=task["title"], body=task["text"], body_format=apprise.NotifyFormat.TEXT)
    outcome = "sent" if is_sent else "refused" if guard.refused else "failed"
    return {"outcome": outcome, "status": log.status}


def main() -> None:
    # What a plugin prints must not get into the output.
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    json.dump(run(json.load(sys.stdin), sys.addaudithook), answer)
    answer.close()


if __name__ == "__main__":
    main()
