"""Protection of this machine from apprise URLs that read its files, or write to its desktop or log.

Two lines of defence: `problem` checks the parsed URL, so that the user sees the reason immediately. `may_open` checks
each file that the process then opens, whichever parameter or plugin named it.
"""

import os
import sys
import sysconfig
from collections.abc import Callable, Mapping
from typing import Any

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
