"""The script that installs the agent on a host, for one server."""

from __future__ import annotations

import shlex
from importlib.resources import files

from .problems import SettingError
from .target import parse_url

_SERVER_LINE = "SERVER=''"
_UNIT_LINE = "@UNIT@"


def install_script(base_url: str) -> str:
    """`install.sh` for hosts that reach the server at *base_url*, the systemd unit within.

    Use: `curl -fsSL BASE_URL/agent/install.sh | sudo API_KEY=… sh`. Raises ValueError: *base_url* is no http(s) URL.
    """
    try:
        url = parse_url(base_url).url
    except SettingError as error:
        raise ValueError(str(error)) from None
    resources = files(__package__)
    script = resources.joinpath("install.sh").read_text(encoding="utf-8")
    unit = resources.joinpath("monitor-agent.service").read_text(encoding="utf-8")
    for line, text in ((_SERVER_LINE, f"SERVER={shlex.quote(url)}"), (_UNIT_LINE, unit.rstrip())):
        if script.count(f"\n{line}\n") != 1:
            raise AssertionError(f"install.sh must hold the line {line} once")
        script = script.replace(f"\n{line}\n", f"\n{text}\n")
    return script
